/** Every kind of provider in one VS Code: each is picked, asked, and shown for what it is; one conversation visits all. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Chat } from '../harness/chat.ts'
import { squeeze } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeProvider, FakeUsage } from '../harness/fake-providers.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import { enterKey } from '../harness/native-keys.ts'
import { freePort } from '../harness/processes.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

const usage: FakeUsage = { input: 1000, output: 500, cached: 200 }

type Case = {
  id: string
  label: string
  model: string
  /** What its server calls the model, where that is not what we do. */
  wire?: string
  name: string
  thinks?: true
  key?: string
  usage?: FakeUsage
  /** What the footer says of tokens and cost. */
  facts: RegExp[]
}

// The fakes are not at the providers' own addresses, so that no price of the catalogue holds for them.
const cases: Case[] = [
  {
    id: 'anthropic',
    label: 'Anthropic',
    model: 'claude-opus-4-5',
    name: 'Claude Opus 4.5',
    thinks: true,
    key: 'sk-ant-of-the-test',
    facts: [/1\.2k in/, /500 out/, /200 cached/, /cost unknown/],
  },
  {
    id: 'openai',
    label: 'OpenAI',
    model: 'gpt-5-mini',
    name: 'gpt-5-mini',
    thinks: true,
    key: 'sk-of-the-test',
    facts: [/1\.2k in/, /500 out/, /200 cached/, /\$0\.0063/], // 1.25, 10 and 0.125 a million
  },
  {
    id: 'google',
    label: 'Google Gemini',
    model: 'gemini-2.5-flash',
    name: 'Gemini 2.5 Flash',
    thinks: true,
    key: 'AIza-of-the-test',
    usage: { ...usage, thought: 100 },
    facts: [/1\.2k in/, /500 out/, /200 cached/, /\$0\.0016/], // 0.3, 2.5 and 0.03, by panelist.models
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    model: 'deepseek/deepseek-r2',
    name: 'DeepSeek: R2',
    thinks: true,
    key: 'sk-or-of-the-test',
    usage: { ...usage, cost: 0.0471 },
    facts: [/1\.2k in/, /500 out/, /200 cached/, /\$0\.0471/], // as it says itself
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    model: 'mistralai/mistral-large',
    name: 'Mistral: Large',
    key: 'sk-or-of-the-test',
    facts: [/\$0\.0054/], // 2 and 6, by its list
  },
  {
    id: 'ollama',
    label: 'Ollama',
    model: 'qwen3:8b',
    name: 'qwen3:8b',
    thinks: true,
    facts: [/1\.2k in/, /500 out/, /\$0(?!\.)/],
  },
  {
    id: 'litellm',
    label: 'LiteLLM',
    model: 'team-large',
    name: 'team-large',
    thinks: true,
    key: 'sk-litellm-of-the-test',
    facts: [/1\.2k in/, /500 out/, /200 cached/, /\$0\.0321/], // by its header
  },
  {
    id: 'litellm',
    label: 'LiteLLM',
    model: 'team-small',
    name: 'team-small',
    key: 'sk-litellm-of-the-test',
    facts: [/\$0\.0013/], // 0.4 and 1.6, by /model/info
  },
  {
    id: 'house',
    label: 'House Server',
    model: 'house-model',
    name: 'house-model',
    thinks: true,
    key: 'house-key-of-the-test',
    facts: [/1\.2k in/, /500 out/, /cost unknown/],
  },
  {
    id: 'relay',
    label: 'relay',
    model: 'claude-relayed',
    name: 'Claude Relayed',
    thinks: true,
    facts: [/1\.2k in/, /500 out/, /cost unknown/],
  },
  {
    id: 'vscode',
    label: 'VS Code',
    model: 'fake-vendor/the-one',
    wire: 'the-one',
    name: 'The One',
    thinks: true,
    facts: [/≈[\d.]+k? in/, /≈\d+ out/, /cost unknown/],
  },
]

describe('Every provider', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-providers-'))
  let open: OpenChat<string>
  let workbench: Workbench
  let chat: Chat
  let editor: FakeProvider
  const fakeOf = ({ id }: Case): FakeProvider => (id === 'vscode' ? editor : open.fakes[id]!)

  pictureFailures(() => workbench)

  before(async () => {
    workspaceSettings({ 'panelist.provider': 'house', 'panelist.model': 'of-no-list' })
    editor = await startFakeProvider('vscode')
    open = await openChat({
      folder,
      // High enough for the whole conversation: what is far from what one sees is not in the page.
      viewport: { width: 1400, height: 2600 },
      providers: {
        anthropic: 'anthropic',
        openai: 'openai',
        google: 'google',
        openrouter: 'openrouter',
        ollama: 'ollama',
        litellm: 'litellm',
        house: { kind: 'compatible', label: 'House Server' },
        relay: { kind: 'compatible-anthropic', dialect: 'anthropic' },
      },
      settings: {
        'panelist.models': [
          { provider: 'google', id: 'gemini-2.5-flash', price: { input: 0.3, output: 2.5, cacheRead: 0.03 } },
        ],
      },
    })
    ;({ workbench, chat } = open)
    await bringEditorModels()
  })

  after(async () => {
    await open?.close()
    await editor?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('is chosen by the settings of the workspace, also with a model that no list holds', async () => {
    const turn = await chat.ask(open.fakes.house!, 'Who are you?')
    assert.equal(turn.model, 'of-no-list')
    // What nobody tells of a model is guessed, low enough for all.
    assert.equal((turn.request.json() as { max_tokens?: number }).max_tokens, 8192)
    await turn.answer('Nobody knows.', usage)
    await chat.says('Nobody knows.')
    await chat.settled()
    assert.equal(await chat.from.getAttribute('title'), 'House Server: of-no-list')
    await chat.from.getByText('House Server', { exact: true }).waitFor()
    assert.match(await chat.footer.innerText(), /cost unknown/)
  })

  it('takes a key where one is set', async () => {
    const keys = new Map(cases.flatMap(({ id, key }) => (key === undefined ? [] : [[id, key] as const])))
    for (const [id, key] of keys) await enterKey(workbench, id, key)
  })

  for (const one of cases) {
    const { label, model, name, thinks, key, facts } = one
    it(`answers as ${label} with ${model}`, async () => {
      await chat.newChat()
      await chat.pick(model)
      const turn = await chat.ask(fakeOf(one), 'Say something')
      assert.equal(turn.model, one.wire ?? model)
      assert.equal(turn.key, key)
      assert.deepEqual(turn.history, [{ role: 'user', text: 'Say something' }])
      if (thinks) await turn.think('What could I say?')
      // The editor's models answer in one piece.
      if (thinks && one.id !== 'vscode') await chat.thinking.getByText('What could I say?').waitFor()
      await turn.answer('Something.', one.usage ?? usage)
      await chat.says('Something.')
      await chat.settled()
      await chat.from.getByText(name, { exact: true }).waitFor()
      await chat.from.getByText(label, { exact: true }).waitFor()
      assert.equal(await chat.from.getAttribute('title'), `${label}: ${model}`)
      const said = await chat.footer.innerText()
      for (const fact of facts) assert.match(said, fact)
      if (!thinks) return
      await chat.thinking.getByRole('button').click()
      await chat.thinking.getByText('What could I say?').waitFor()
    })
  }

  it('goes on with the conversation of all others, with thinking and reloads in between', async function () {
    this.timeout(180_000)
    await chat.newChat()
    const told: string[] = []
    for (const [place, one] of cases.entries()) {
      await chat.pick(one.model)
      told.push(`Question ${place}, for ${one.label}`)
      const turn = await chat.ask(fakeOf(one), told.at(-1)!)
      assert.equal(turn.model, one.wire ?? one.model)
      assert.deepEqual(
        turn.history.map(({ text }) => text),
        told,
      )
      if (one.thinks) await turn.think(`Thoughts ${place}.`)
      told.push(`Answer ${place}, of ${one.name}.`)
      await turn.answer(told.at(-1)!, one.usage ?? usage)
      await chat.says(told.at(-1)!)
      await chat.settled()
      if (place % 4 === 2) await reload()
    }
    const expected = cases.flatMap(({ name, label }, place) => [
      told[place * 2]!,
      `${name} ${label} ${told[place * 2 + 1]}`,
    ])
    await shown(expected)
    const footers = await chat.frame.getByTestId('footer').allInnerTexts()
    await reload()
    await shown(expected)
    assert.deepEqual(await chat.frame.getByTestId('footer').allInnerTexts(), footers)
    assert.equal(await chat.answers.locator('.thinking').count(), cases.filter(({ thinks }) => thinks).length)
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  async function bringEditorModels(): Promise<void> {
    await workbench.helper.execute('panelist-tests.models', [{ id: 'the-one', name: 'The One' }])
    await workbench.helper.execute('panelist-tests.answer', { url: editor.server.origin })
  }

  async function reload(): Promise<void> {
    const last = await chat.text()
    await workbench.reload()
    await bringEditorModels()
    await chat.again()
    await chat.says(last)
  }

  /** Waits until the messages are exactly these: a question's text; an answer's model, provider and text. */
  async function shown(expected: string[]): Promise<void> {
    let seen: string[] = []
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const articles = await chat.frame.locator('article').all()
      seen = await Promise.all(articles.map(inShort))
      if (JSON.stringify(seen) === JSON.stringify(expected)) return
      await workbench.page.waitForTimeout(50)
    }
    assert.deepEqual(seen, expected)
  }

  async function inShort(article: ReturnType<Chat['frame']['locator']>): Promise<string> {
    const isQuestion = (await article.getAttribute('data-role')) === 'user'
    const parts = isQuestion ? article : article.locator('.from, .markdown')
    return squeeze((await parts.allInnerTexts()).join(' '))
  }

  function workspaceSettings(settings: Record<string, string>): void {
    const file = path.join(folder, 'workspace', '.vscode', 'settings.json')
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(settings))
  }
})

describe('A server on this machine', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let ollama: FakeProvider | undefined
  let port: number

  pictureFailures(() => workbench)

  before(async () => {
    port = await freePort()
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
    ;({ workbench, chat } = open)
    // So few that all of them are in sight in the picker.
    const off = { enabled: false }
    const others = { openai: off, google: off, openrouter: off, vscode: off }
    await workbench.helper.changeSettings({
      'panelist.providers': { ...open.entries, ...others, ollama: { baseUrl: `http://127.0.0.1:${port}` } },
    })
  })

  after(async () => {
    await open?.close()
    await ollama?.close()
  })

  const models = () => chat.frame.locator('[data-model="qwen3:8b"]')
  const notRunning = () => chat.frame.locator('.row.group', { hasText: 'Ollama' }).getByText('not running')

  it('is shown as not running, and none of its models is offered', async () => {
    await chat.openPicker()
    await notRunning().waitFor()
    assert.equal(await models().count(), 0)
  })

  it('appears in the open picker by itself once it runs, and answers', async () => {
    ollama = await startFakeProvider('ollama', port)
    // It is looked for every ten seconds.
    await models().waitFor({ timeout: 20_000 })
    assert.equal(await notRunning().count(), 0)
    await models().click()
    await chat.frame.locator('[data-testid=model-button][title="Ollama: qwen3:8b"]').waitFor()
    await chat.turn(ollama, 'Are you there?', 'I am.')
    assert.equal(await warning().count(), 0)
  })

  it('is known to be gone when the picker opens after it ended', async () => {
    await ollama?.close()
    await chat.openPicker()
    await notRunning().waitFor()
    await chat.closePicker()
    await warning().waitFor()
    assert.equal(await warning().getAttribute('aria-label'), 'Ollama is not there now')
  })

  it('says what to do where it is asked all the same, loses nothing, and answers once it runs again', async () => {
    await chat.send('And now?')
    await chat.failure.getByText('Ollama is not running').waitFor()
    await chat.failure.getByText('Start it').waitFor()
    ollama = await startFakeProvider('ollama', port)
    await chat.button('Try again').click()
    const turn = await ollama.next()
    assert.deepEqual(
      turn.history.map(({ text }) => text),
      ['Are you there?', 'I am.', 'And now?'],
    )
    await turn.answer('Here again.')
    await chat.says('Here again.')
    await chat.settled()
    await warning().waitFor({ state: 'detached' })
  })

  it('leaves the conversation to others while it is gone', async () => {
    await ollama?.close()
    await chat.pick('claude-haiku-4-5')
    const turn = await chat.ask(open.fakes.anthropic, 'Can you go on?')
    assert.deepEqual(
      turn.history.map(({ text }) => text),
      ['Are you there?', 'I am.', 'And now?', 'Here again.', 'Can you go on?'],
    )
    await turn.answer('I can.')
    await chat.says('I can.')
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  const warning = () => chat.frame.getByTestId('model-warning')
})

describe('The first day', () => {
  const key = 'sk-ant-of-the-environment'
  let open: OpenChat<'anthropic'>
  let chat: Chat

  pictureFailures(() => open?.workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: { kind: 'anthropic', useEnvironmentKey: true } },
      env: { ANTHROPIC_API_KEY: key },
    })
    ;({ chat } = open)
  })

  after(() => open?.close())

  it('offers the key of the environment, and one click is enough to chat with it', async () => {
    const offer = chat.frame.getByTestId('found').locator('button[data-provider=anthropic]')
    await offer.getByText('Use Anthropic').waitFor()
    await offer.getByText('ANTHROPIC_API_KEY is set in the environment').waitFor()
    await offer.click()
    await chat.frame.getByTestId('found').waitFor({ state: 'detached' })
    await chat.frame.locator('[data-testid=model-button][title^="Anthropic: "]').waitFor()
    const turn = await chat.ask(open.fakes.anthropic, 'Good morning')
    assert.equal(turn.key, key)
    await turn.answer('Good morning.')
    await chat.says('Good morning.')
    await chat.settled()
    assert.match(await chat.footer.innerText(), /environment/)
  })

  it('asks no more once something was chosen', async () => {
    await open.workbench.reload()
    await chat.again()
    await chat.newChat()
    await (await chat.ask(open.fakes.anthropic, 'And now?')).answer('As before.')
    await chat.says('As before.')
    await chat.newChat()
    assert.equal(await chat.frame.getByTestId('found').count(), 0)
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(open.workbench.problems, []))
})
