/** A key goes to its own provider and nowhere else: marked ones are set, used and looked for everywhere. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Frame } from 'playwright-core'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeKind, FakeProvider } from '../harness/fake-providers.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import { Watch, documentOf, filesWith, storageOf } from '../harness/leaks.ts'
import { enterKey } from '../harness/native-keys.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

/** In every key, and in nothing else. */
const mark = randomBytes(12).toString('hex')
const keyOf = (name: string): string => `sk-${mark}-${name}`

type Case = { id: string; kind: FakeKind; model: string; counts?: true; fromEnvironment?: true }

const cases: Case[] = [
  { id: 'anthropic', kind: 'anthropic', model: 'claude-haiku-4-5', counts: true },
  { id: 'openai', kind: 'openai', model: 'gpt-5', counts: true },
  { id: 'google', kind: 'google', model: 'gemini-2.5-pro', counts: true },
  { id: 'openrouter', kind: 'openrouter', model: 'deepseek/deepseek-r2' },
  { id: 'ollama', kind: 'ollama', model: 'qwen3:8b' },
  { id: 'litellm', kind: 'litellm', model: 'team-large' },
  { id: 'house', kind: 'compatible', model: 'house-model' },
  { id: 'relay', kind: 'compatible-anthropic', model: 'claude-relayed', counts: true, fromEnvironment: true },
]
/** Keys of one provider beside its first. */
const PROFILES = ['personal', 'work']

describe('A key', () => {
  const question = 'Where does my key go'
  const watch = new Watch(mark, [question, 'To me alone'])
  let open: OpenChat<string>
  let workbench: Workbench
  let chat: Chat
  let elsewhere: Map<string, FakeProvider>
  pictureFailures(() => workbench)

  before(async () => {
    const started = cases.map(async ({ id, kind }) => [id, await startFakeProvider(kind)] as const)
    elsewhere = new Map(await Promise.all(started))
    open = await openChat<string>({
      prepare: watch.prepare,
      // The second is not for the address that OpenAI has here, so nobody may get it.
      env: { RELAY_API_KEY: keyOf('relay'), OPENAI_API_KEY: keyOf('nobody') },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      providers: {
        ...Object.fromEntries(cases.map(({ id, kind }) => [id, kind])),
        relay: { kind: 'compatible-anthropic', dialect: 'anthropic', environmentVariable: 'RELAY_API_KEY' },
      },
    })
    ;({ workbench, chat } = open)
  })

  after(async () => {
    await open?.close()
    await Promise.all([...(elsewhere ?? [])].map(([, fake]) => fake.close()))
  })

  it('is typed into native boxes, and lists of models are asked for with it', async () => {
    for (const { id, fromEnvironment } of cases) {
      if (!fromEnvironment) await enterKey(workbench, id, keyOf(id))
      await chat.openPicker() // who has a key of the environment is asked when somebody looks
      await seen(id, ({ method }) => method === 'GET')
      await chat.closePicker()
    }
    for (const profile of PROFILES) await enterKey(workbench, 'anthropic', keyOf(profile), profile)
  })

  for (const { id, model, counts } of cases) {
    it(`of ${id} goes there with counts, answers and errors, and no redirect takes it along`, async () => {
      const provider = open.fakes[id]!
      await chat.newChat()
      await chat.pick(model)
      await chat.composer.fill(question)
      if (counts) await seen(id, ({ url }) => /count_tokens|countTokens|input_tokens/.test(url))
      await chat.composer.press('Enter')
      const turn = await provider.next()
      assert.equal(turn.key, keyOf(id))
      await turn.answer('To me alone.')
      await chat.says('To me alone.')
      await chat.settled()

      const refused = await chat.ask(provider, 'Say it back')
      refused.fail(400, 'invalid_request_error', `this is your key: ${keyOf(id)}`)
      await chat.failure.getByText('Details').click()
      await chat.failure.getByText('this is your key').waitFor()

      const moved = await chat.ask(provider, 'Send it on')
      moved.redirect(`${elsewhere.get(id)!.server.origin}${moved.request.url}`)
      await chat.failure.getByText('does not follow').waitFor()
      await isInNoDocument('Send it on')
    })
  }

  it('is not shown where a list is refused with its words', async () => {
    for (const { id } of cases) open.fakes[id]!.trouble = `this is your key: ${keyOf(id)}`
    await chat.openPicker()
    await chat.frame.getByTestId('model-refresh').click()
    for (const { id } of cases) {
      await chat.frame.getByTestId('provider-filter').selectOption(id)
      await chat.frame.locator('.row.failure').waitFor()
      await isInNoDocument('model-picker')
    }
    for (const { id } of cases) open.fakes[id]!.trouble = undefined
    await chat.frame.getByTestId('provider-filter').selectOption('')
    await chat.frame.getByTestId('model-refresh').click()
    await chat.frame.locator('.row.failure').first().waitFor({ state: 'detached' })
    await chat.closePicker()
  })

  it('is one of several that a conversation or the settings choose, and the answer names it', async () => {
    await chat.newChat()
    await chat.pick('claude-haiku-4-5')
    await answersWith('work', () => chooseKey('work'))
    await answersWith('personal', () => chooseKey('personal'))
    // What the settings say counts where the conversation says nothing.
    await answersWith('default', () => chooseKey(''))
    await answersWith('work', () => workbench.helper.changeSettings({ 'panelist.keyProfiles': { anthropic: 'work' } }))
    await answersWith('default', () => workbench.helper.changeSettings({ 'panelist.keyProfiles': undefined }))
  })

  it('is still there after a reload', async () => {
    await workbench.reload()
    await chat.again()
    await chat.newChat()
    await chat.pick('house-model')
    const turn = await chat.ask(open.fakes.house!, 'Still there?')
    assert.equal(turn.key, keyOf('house'))
    await turn.answer('Still there.')
    await chat.says('Still there.')
    await chat.settled()
  })

  it('is not sent to another endpoint of the same provider', async () => {
    const others = cases.map(({ id, fromEnvironment }) => {
      const setting = elsewhere.get(id)!.setting
      return [id, fromEnvironment ? { ...setting, dialect: 'anthropic' } : setting] as const
    })
    await workbench.helper.changeSettings({ 'panelist.providers': Object.fromEntries(others) })
    for (const { id, model } of cases) {
      await chat.newChat()
      await chat.pick(model)
      const turn = await chat.ask(elsewhere.get(id)!, 'And you?')
      await turn.answer('I know nothing.')
      await chat.says('I know nothing.')
      await chat.settled()
    }
    await workbench.helper.changeSettings({ 'panelist.providers': open.entries })
    for (const fake of elsewhere.values()) assert.deepEqual(watch.in(requestsTo(fake)), [])
  })

  it('reaches no provider but its own', () => {
    for (const { id } of cases) {
      const own = [id, ...(id === 'anthropic' ? PROFILES : [])].map(keyOf)
      const withoutOwn = requestsTo(open.fakes[id]!).map((text) =>
        own.reduce((rest, key) => rest.replaceAll(key, ''), text),
      )
      assert.ok(withoutOwn.length > 3, `${id} was not asked`)
      assert.deepEqual(watch.in(withoutOwn), [])
    }
  })

  it('is recorded by its name alone', () => {
    const file = path.join(workbench.server.profile.data, 'User/globalStorage/panelist.panelist/panelist.db')
    const database = new DatabaseSync(file, { readOnly: true })
    const rows = database.prepare('SELECT DISTINCT provider, key_profile AS name FROM request').all()
    database.close()
    const recorded = new Set(rows.map(({ provider, name }) => `${String(provider)} ${String(name)}`))
    const named = cases.map(({ id, fromEnvironment }) => `${id} ${fromEnvironment ? 'environment' : 'default'}`)
    for (const each of [...named, 'anthropic work', 'anthropic personal', 'anthropic null']) {
      assert.ok(recorded.has(each), `${each} is not among ${[...recorded].join(', ')}`)
    }
  })

  it('is in no message between host and page', () => {
    for (const word of [question, 'To me alone']) {
      assert.ok(
        watch.messages.some((text) => text.includes(word)),
        'the traffic is not watched',
      )
    }
    assert.deepEqual(watch.in(watch.messages), [])
  })

  it('is in no document, field or script of the page, whatever it shows', async () => {
    await chat.openHistory()
    await chat.frame.getByTestId('history').getByRole('button', { name: question }).first().click()
    await chat.questions.getByText(question).waitFor()
    await isInNoDocument(question, workbench.page.frames())
    await chat.openPicker()
    await chat.frame.locator('[data-model="claude-relayed"]').first().waitFor()
    await isInNoDocument('claude-relayed')
    await chat.closePicker()
    await workbench.helper.execute('panelist.showProviders')
    await chat.frame.locator('[data-provider=relay]').first().waitFor()
    await isInNoDocument('data-provider="relay"')
  })

  it('is in no request of the browser, to its own origin or another', () => {
    assert.ok(
      watch.requests.some(({ origin }) => origin === workbench.server.url),
      'the requests are not watched',
    )
    assert.deepEqual(watch.in(watch.requests.map(({ text }) => text)), [])
  })

  it('is in the browser’s storage only encrypted', async () => {
    const stored = await storageOf(workbench.page)
    assert.ok(stored.includes('secrets.provider'), 'the secrets are not among what was read')
    assert.ok(stored.includes('panelist.keys'), 'the state of extensions is not among what was read')
    assert.deepEqual(watch.in([stored]), [])
  })

  it('is in no file: settings, logs, database, storage of VS Code, workspace', () => {
    const { folder, data, settingsFile } = workbench.server.profile
    assert.ok(
      filesWith(folder, question).some((file) => /panelist\.db/.test(file)),
      'the database was not read',
    )
    assert.ok(filesWith(folder, open.fakes.relay!.server.origin).includes(settingsFile), 'the settings were not read')
    const planted = path.join(data, 'planted.bin')
    writeFileSync(planted, Buffer.concat([randomBytes(2000), Buffer.from(mark), randomBytes(2000)]))
    assert.deepEqual(filesWith(folder, mark), [planted])
    rmSync(planted)
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  /** `word`: what the page shows now. The editor's own hidden box holds what was typed last until it is reloaded. */
  async function isInNoDocument(word: string, frames = webviews()): Promise<void> {
    const documents = await Promise.all(frames.map(documentOf))
    assert.ok(
      documents.some((text) => text.includes(word)),
      'the panel is not among the documents',
    )
    assert.deepEqual(watch.in(documents), [])
  }

  function webviews(): Frame[] {
    return workbench.page.frames().filter((frame) => frame.parentFrame())
  }

  function requestsTo(fake: FakeProvider): string[] {
    return fake.server.requests.map(({ method, url, headers, body }) => JSON.stringify({ method, url, headers, body }))
  }

  type Asked = FakeProvider['server']['requests'][number]

  /** Waits until such a request has come with the provider's own key. */
  async function seen(id: string, isWanted: (request: Asked) => boolean): Promise<void> {
    const arrived = () =>
      open.fakes[id]!.server.requests.some(
        (request) => isWanted(request) && JSON.stringify(request.headers).includes(keyOf(id)),
      )
    for (const deadline = Date.now() + 15_000; !arrived();) {
      assert.ok(Date.now() < deadline, `${id} was not asked with its key`)
      await workbench.page.waitForTimeout(25)
    }
  }

  async function chooseKey(profile: string): Promise<void> {
    await chat.frame.getByTestId('options-button').click()
    await chat.frame.getByTestId('option-key').selectOption(profile)
    await chat.frame.getByTestId('chat-options').press('Escape')
    await chat.frame.getByTestId('chat-options').waitFor({ state: 'detached' })
  }

  async function answersWith(profile: string, chosen: () => Promise<void>): Promise<void> {
    await chosen()
    const turn = await chat.ask(open.fakes.anthropic!, `With ${profile}?`)
    assert.equal(turn.key, keyOf(profile === 'default' ? 'anthropic' : profile))
    await turn.answer(`With ${profile}.`)
    await chat.says(`With ${profile}.`)
    await chat.settled()
    const shown = await chat.footer.innerText()
    // The default key goes without saying.
    for (const name of PROFILES) assert.equal(new RegExp(`\\b${name}\\b`).test(shown), name === profile, shown)
  }
})
