import assert from 'node:assert/strict'
import { AxeBuilder } from './harness/axe.ts'
import type { Page } from 'playwright-core'
import { drawn, Rig } from './harness/browser.ts'
import { serverQuestions } from './harness/server-questions.ts'
import type { SceneName } from './harness/scenes.ts'
import type { ThemeName } from './harness/themes.ts'

const THEMES: ThemeName[] = ['dark', 'light', 'contrast']

/** How each view is reached. */
const views: Record<string, [SceneName, (page: Page) => Promise<unknown>]> = {
  'empty chat': ['empty', (page) => page.getByText('Recent').waitFor()],
  'chat without a key': ['noKey', (page) => page.getByText('Set Anthropic key').waitFor()],
  conversation: ['rich', (page) => page.locator('[data-lit]').first().waitFor({ state: 'attached' })],
  failure: ['failed', (page) => page.getByTestId('failure').first().waitFor()],
  interruption: ['interrupted', (page) => page.getByTestId('interrupted').waitFor()],
  'model picker': ['manyModels', (page) => page.getByTestId('model-button').click()],
  'model picker with all there is to tell': ['catalogue', (page) => page.getByTestId('model-button').click()],
  'model picker with a filter': [
    'catalogue',
    async (page) => {
      await page.getByTestId('model-button').click()
      await page.locator('[data-want=images]').click()
    },
  ],
  'chat options': ['lacking', (page) => page.getByTestId('options-button').click()],
  history: ['empty', (page) => page.getByTestId('history-button').click()],
  providers: [
    'empty',
    async (page) => {
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'providers' }))
      for (const name of ['Anthropic', 'OpenRouter', 'Lab server']) {
        await page.getByRole('button', { name, exact: true }).click()
      }
    },
  ],
  'MCP servers': [
    'empty',
    async (page) => {
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'mcp' }))
      await page.locator('[data-server=memory] .name').click()
      await page.getByTestId('mcp-tools').waitFor()
    },
  ],
  'comparison of models': [
    'catalogue',
    async (page) => {
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'benchmark' }))
      await page.getByTestId('benchmark-before').selectOption('old')
      await page.getByTestId('benchmark-answers').locator('summary').click()
      await page.getByText('It is no JSON.').waitFor()
    },
  ],
  'call that asks to run a command': ['asksCommand', (page) => page.getByTestId('preview-command').waitFor()],
  'call that asks to edit files': [
    'asksEdits',
    async (page) => {
      await page.getByTestId('edit').nth(1).waitFor()
      await page.getByTestId('deny-reason').click()
    },
  ],
  'call that asks to edit files, one of which is rejected': [
    'asksEdits',
    async (page) => {
      await page.getByTestId('reject-file').nth(1).click()
      await page.getByTestId('reason').fill('It is generated')
    },
  ],
  'calls of an earlier day': ['old', (page) => page.getByTestId('rejected').waitFor()],
  'call that asks with arguments': ['asksArguments', (page) => page.getByTestId('preview-arguments').waitFor()],
  'form of a server in the card of its call': [
    'tools',
    async (page) => {
      await page.evaluate((question) => {
        const { host } = window
        host.start()
        host.call({ id: 't1', name: 'github_tool_1', input: { repository: 'panelist' } })
        host.end({ kind: 'tools' })
        host.state('t1', { kind: 'running', summary: 'GitHub: Create issue', startedAt: Date.now() })
        host.asks(question)
      }, serverQuestions.form())
      await page.locator('[data-call=t1]').getByTestId('question-accept').click()
      await page.getByTestId('objection').first().waitFor()
    },
  ],
  'page that hides a question': [
    'tools',
    async (page) => {
      await page.evaluate((question) => window.host.asks(question), serverQuestions.sample())
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'allowed' }))
      await page.getByTestId('waiting-elsewhere').waitFor()
    },
  ],
  'questions of servers above the composer': [
    'rich',
    async (page) => {
      const { page: opens, sample, sampled } = serverQuestions
      await page.evaluate((questions) => window.host.asks(...questions), [opens(), sample(), sampled()])
      await page.getByTestId('server-question').nth(2).waitFor()
    },
  ],
  'call that runs, with messages that wait': [
    'tools',
    async (page) => {
      await page.evaluate(() => {
        const { host } = window
        host.start()
        host.call({ id: 't1', name: 'run_command', input: { command: 'npm test' } })
        host.call({ id: 't2', name: 'github_tool_1', input: {} })
        host.end({ kind: 'tools' })
        const progress = { done: 3, total: 10, text: 'tests' }
        host.state('t1', { kind: 'running', summary: 'Run npm test', startedAt: Date.now(), progress })
        host.happen({ type: 'output', callId: 't1', text: `ring\n${'long '.repeat(80)}\n` })
        host.state('t2', { kind: 'waiting' })
        host.queue([{ id: 'q1', content: [{ type: 'text', text: 'And look at the readme afterwards, please' }] }])
      })
      await page.getByTestId('queued').waitFor()
      await page.getByTestId('composer').fill('More')
    },
  ],
  'turn of several steps': [
    'turn',
    async (page) => {
      await page.getByTestId('steps').click()
      await page.locator('[data-call=t1] .head').click()
      await page.getByTestId('tool-body').waitFor()
    },
  ],
  'turn that a killed host left': ['killed', (page) => page.getByTestId('go-on').waitFor()],
  'tool picker': [
    'tools',
    async (page) => {
      await page.getByTestId('tools-button').click()
      await page.getByRole('switch', { name: 'Edit file' }).click()
    },
  ],
  'agent picker': [
    'agents',
    async (page) => {
      await page.getByTestId('agent-button').click()
      await page.locator('[data-agent="workspace:reviewer"]').click()
      await page.locator('[data-testid=agent-button][title*=Strict]').waitFor()
      await page.getByTestId('agent-button').click()
      await page.locator('[data-agent="user:writer"]').waitFor()
    },
  ],
  'next steps of an agent': [
    'agents',
    async (page) => {
      await page.evaluate(() => {
        const label = 'Implement the plan as it stands, with tests'
        const handoffs = [
          { label, agent: 'implementer', prompt: 'Do it.' },
          { label: 'Go on', agent: 'agent' },
        ]
        window.host.scene.agent = { id: 'workspace:reviewer', name: 'Strict Reviewer', origin: 'user', handoffs }
        window.host.tell({ type: 'conversation', conversation: window.host.view(), needsKey: false })
      })
      await page.getByTestId('handoff').first().waitFor()
    },
  ],
  'instructions that go along': [
    'agents',
    async (page) => {
      await page.getByTestId('agent-button').click()
      await page.getByTestId('show-instructions').click()
      await page.getByTestId('instructions').waitFor()
    },
  ],
  'what tools may do': [
    'tools',
    async (page) => {
      await page.evaluate(() => window.host.tell({ type: 'show', what: 'allowed' }))
      await page.getByTestId('grant').first().waitFor()
    },
  ],
  'live log': [
    'empty',
    async (page) => {
      await page.evaluate(() => {
        const text = 'POST api.example.com/v1/messages: 200, headers after 210 ms: content-type text/event-stream'
        const levels = ['debug', 'info', 'warn', 'error'] as const
        window.host.log = levels.map((level, at) => ({ seq: at + 1, at, level, source: 'request', text }))
        window.host.tell({ type: 'show', what: 'log' })
      })
      await page.locator('[data-seq="4"]').waitFor()
    },
  ],
  'menu of more': ['empty', (page) => page.getByTestId('more').click()],
  'link address': ['rich', (page) => page.getByRole('link', { name: 'the article on MDN' }).click()],
  'answer that grows': [
    'streaming',
    async (page) => {
      await page.evaluate(() => {
        window.host.start()
        window.host.say('It grows **and** grows')
      })
      await page.getByTestId('streaming').waitFor()
    },
  ],
}

describe('every view of the panel', function () {
  this.timeout(60_000)
  let rig: Rig
  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())

  for (const [name, [scene, reach]] of Object.entries(views)) {
    describe(name, () => {
      let page: Page | undefined
      after(() => page && rig.close(page))

      for (const theme of THEMES) {
        it(`can be read and used by everyone: ${theme}`, async () => {
          if (page) await rig.setTheme(page, theme)
          else {
            page = await rig.open(scene, { theme, width: 320, height: 700, still: true })
            await reach(page)
            await page.waitForTimeout(100)
          }
          // The levels of the headings in an answer are its author's.
          const { violations } = await new AxeBuilder({ page }).disableRules(['heading-order']).analyze()
          const found = violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
          )
          assert.deepEqual(found, [])
        })
      }
    })

    it(`fits a narrow and a wide panel: ${name}`, async () => {
      for (const width of [280, 900]) {
        const page = await rig.open(scene, { width })
        await reach(page)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        assert.ok(over <= 0, `${over} px too wide at ${width}`)
        const wide = await page.evaluate(() => {
          const transcript = document.querySelector('[data-testid=transcript]')
          return transcript ? transcript.scrollWidth - transcript.clientWidth : 0
        })
        assert.ok(wide <= 0, `the transcript is ${wide} px too wide at ${width}`)
        await rig.close(page)
      }
    })
  }

  it('lists chats by day, finds, renames, deletes and opens them', async () => {
    const page = await rig.open('rich')
    await page.getByTestId('history-button').click()
    await page.getByTestId('history').getByText('Today').waitFor()
    await page.getByTestId('history-search').fill('sql')
    await page.locator('[data-conversation]').nth(1).waitFor({ state: 'detached' })
    const row = page.locator('[data-conversation=h2]')
    await row.hover()
    await row.getByRole('button', { name: 'Rename' }).click()
    await page.keyboard.type('Weekly users')
    await page.keyboard.press('Enter')
    await row.getByText('Weekly users').waitFor()
    await row.getByRole('button', { name: 'Delete' }).click()
    await row.waitFor({ state: 'detached' })
    await page.getByTestId('history-search').fill('')
    await page.locator('[data-conversation=h1] .open').click()
    await page.getByTestId('history').waitFor({ state: 'detached' })
    assert.deepEqual(await page.evaluate(() => window.host.requests('open')), [{ conversation: 'h1' }])
    await rig.close(page)
  })

  it('renames the chat at its title by Enter and by a click', async () => {
    const page = await rig.open('rich')
    await page.getByTestId('title').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('Rings')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('rename').length === 1)
    await page.getByTestId('title').click()
    await page.keyboard.type('Buffers')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('rename').length === 2)
    assert.deepEqual(await page.evaluate(() => window.host.requests('rename')), [
      { conversation: 'c1', title: 'Rings' },
      { conversation: 'c1', title: 'Buffers' },
    ])
    assert.equal(await page.getByTestId('title').evaluate((node) => node === document.activeElement), true)
    await rig.close(page)
  })

  it('gives the name that is typed to the chat it is typed for, also where another is shown before that is done', async () => {
    const page = await rig.open('rich')
    await page.getByTestId('title').click()
    await page.keyboard.type('Rings')
    await page.evaluate(() => {
      window.host.conversation = 'c2'
      window.host.tell({ type: 'stale' })
    })
    await drawn(page)
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => window.host.requests('rename').length === 1)
    assert.deepEqual(await page.evaluate(() => window.host.requests('rename')), [
      { conversation: 'c1', title: 'Rings' },
    ])
    await rig.close(page)
  })

  it('leads from the chat without a key to the providers, where a local server is set', async () => {
    const page = await rig.open('noKey')
    await page.getByRole('button', { name: 'all providers' }).click()
    await page.locator('[data-provider=ollama]').waitFor()
    await page.getByRole('button', { name: 'Add provider…' }).waitFor()
    await rig.close(page)
  })
})
