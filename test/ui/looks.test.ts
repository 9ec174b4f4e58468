/** What the panel looks like, for everyone: axe in each view and theme, and pictures of them in out/screenshots. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider, FakeTurn } from '../harness/fake-providers.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Theme, Workbench } from '../harness/workbench.ts'
import { begun, followUp, sampleFiles, whole } from './sample-texts.ts'

const themes: Theme[] = ['light', 'dark', 'high-contrast']
const PANEL_WIDTH = 420
const NARROW_WIDTH = 300
const TITLE = 'Sold-out items in the report'
const QUESTION = 'Why does the report count sold-out items twice?'

describe('The panel in a light, a dark and a high contrast theme', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-looks-'))
  const workspace = path.join(folder, 'inventory')
  let workbench: Workbench
  let chat: Chat
  let anthropic: FakeProvider
  let openai: FakeProvider
  pictureFailures(() => workbench)

  before(async () => {
    for (const [name, text] of Object.entries(sampleFiles)) {
      mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true })
      writeFileSync(path.join(workspace, name), text)
    }
    ;[anthropic, openai] = await Promise.all([startFakeProvider('anthropic'), startFakeProvider('openai')])
    const { store } = openStore({ path: path.join(folder, 'data/User/globalStorage/panelist.panelist/panelist.db') })
    seed(store)
    store.close()
    workbench = await openWorkbench({
      folder,
      workspace,
      viewport: { width: 1440, height: 900 },
      settings: {
        'panelist.provider': 'anthropic',
        'panelist.model': 'claude-sonnet-4-5',
        'panelist.providers': { anthropic: anthropic.setting, openai: openai.setting },
        'editor.minimap.enabled': false,
        'editor.fontSize': 13,
        'workbench.layoutControl.enabled': false,
      },
    })
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
    await openFile('stock.ts')
    await (await chat.openPicker()).locator('[data-model]').first().waitFor()
    await chat.closePicker()
    await widen(PANEL_WIDTH)
    await workbench.helper.execute('notifications.clearAll')
  })

  after(async () => {
    await workbench?.close()
    await Promise.all([anthropic?.close(), openai?.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('of a new chat', async () => {
    await chat.newChat()
    await inEachTheme('empty')
  })

  it('of an answer that is being written', async () => {
    const turn = await chat.ask(anthropic, QUESTION)
    await stream(turn, begun)
    await chat.answer.getByText('The fix').waitFor()
    await inEachTheme('streaming')
    await turn.say(whole.slice(begun.length))
    await turn.finish({ input: 3180, output: 412, cached: 2048 })
    await chat.settled()
  })

  it('of a chat that moved to another provider', async () => {
    await chat.openHistory()
    await chat.frame.getByTestId('history').getByRole('button', { name: TITLE }).first().click()
    await chat.frame.getByTestId('title').getByText(TITLE).waitFor()
    await chat.pick('gpt-5')
    const turn = await chat.ask(openai, 'Write a test for it.')
    await stream(turn, followUp)
    await turn.finish({ input: 3620, output: 268, cached: 0 })
    await chat.settled()
    await inEachTheme('long')
  })

  it('of a failure', async () => {
    const turn = await chat.ask(openai, 'And one for the empty shelf?')
    turn.fail(429, 'rate_limit_exceeded', 'Rate limit reached for gpt-5 in organization org-sample.', {
      'retry-after': '90',
    })
    await chat.failure.locator('[data-action]').first().waitFor()
    await inEachTheme('error')
  })

  it('of the model picker', async () => {
    await chat.openPicker()
    await chat.frame.locator('[role=option]').first().waitFor()
    await inEachTheme('picker')
    await chat.closePicker()
  })

  it('of the options of a chat', async () => {
    await chat.frame.getByTestId('options-button').click()
    await chat.frame.getByTestId('option-limit').fill('2000')
    await chat.frame.getByTestId('option-thinking').selectOption('low')
    await chat.frame.getByTestId('options-dot').waitFor()
    await inEachTheme('options')
    await chat.frame.getByTestId('option-thinking').press('Escape')
  })

  it('of the picker, filtered, and the options in a narrow panel', async () => {
    await widen(NARROW_WIDTH)
    await chat.openPicker()
    await chat.frame.locator('[data-want=images]').click()
    await inEachTheme('picker-narrow')
    await chat.frame.locator('[data-want=images]').click()
    await chat.closePicker()
    await chat.frame.getByTestId('options-button').click()
    await inEachTheme('options-narrow')
    await chat.frame.getByTestId('option-thinking').press('Escape')
    await widen(PANEL_WIDTH)
  })

  it('of the history', async () => {
    await chat.openHistory()
    await chat.frame.locator('[data-conversation]').first().waitFor()
    await inEachTheme('history')
    await workbench.page.keyboard.press('Escape')
  })

  it('of the providers', async () => {
    await workbench.helper.execute('panelist.showProviders')
    await chat.frame.locator('[data-provider=anthropic] .name').click()
    await chat.frame.getByTestId('provider-details').waitFor()
    await inEachTheme('providers')
    await workbench.page.keyboard.press('Escape')
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  async function inEachTheme(view: string): Promise<void> {
    const found: string[] = []
    await workbench.page.mouse.move(700, 800)
    for (const theme of themes) {
      await workbench.setTheme(theme)
      await workbench.screenshot(`${view}-${theme}`)
      found.push(...(await violations()).map((one) => `${theme}: ${one}`))
    }
    assert.deepEqual(found, [])
  }

  /** What axe has against the panel's own document. */
  async function violations(): Promise<string[]> {
    await chat.frame.evaluate(axe)
    // The levels of the headings in an answer are its author's.
    return chat.frame.evaluate<string[]>(`axe.run(document, { rules: { 'heading-order': { enabled: false } } })
      .then(({ violations }) => violations.map(({ id, nodes }) =>
        id + ': ' + nodes.map(({ html, any }) => html.slice(0, 120) + ' ' + (any[0]?.message ?? '')).join(' | ')))`)
  }

  /** At a provider's pace, so that the footer shows what a person would see. */
  async function stream(turn: FakeTurn, text: string): Promise<void> {
    await pause(400)
    for (let at = 0; at < text.length; at += 40) {
      await turn.say(text.slice(at, at + 40))
      await pause(120)
    }
  }

  async function openFile(name: string): Promise<void> {
    await workbench.page.getByRole('treeitem', { name }).dblclick()
    await workbench.page.locator('.tab.active', { hasText: name }).waitFor()
  }

  /** Drags the edge of the secondary side bar. */
  async function widen(width: number): Promise<void> {
    const bar = workbench.page.locator('.part.auxiliarybar')
    const box = await bar.boundingBox()
    assert.ok(box)
    const boxes = await workbench.page.locator('.monaco-sash.vertical').all()
    const centers = (await Promise.all(boxes.map((sash) => sash.boundingBox()))).map(
      (one) => one && one.x + one.width / 2,
    )
    const edge = centers.find((center) => center !== null && Math.abs(center - box.x) < 10)
    assert.ok(edge, 'the bar has no edge to drag')
    const { mouse } = workbench.page
    await mouse.move(edge, 450)
    await mouse.down()
    await mouse.move(edge - (width - box.width), 450, { steps: 8 })
    await mouse.up()
    await mouse.move(700, 800)
    let now = box.width
    for (const deadline = Date.now() + 10_000; Math.abs(now - width) >= 12; await pause(25)) {
      now = (await bar.boundingBox())?.width ?? 0
      assert.ok(Date.now() < deadline, `${now} px wide`)
    }
  }
})

/** A question that Claude answered at its own address, where its price is known. */
function seed(store: Store): void {
  const { id } = store.conversations.create({ title: TITLE })
  const createdAt = Date.now() - 120_000
  const said = { conversation: id, createdAt, state: 'done' } as const
  store.messages.append({
    ...said,
    id: 'question',
    parent: null,
    message: { role: 'user', content: [{ type: 'text', text: QUESTION }] },
  })
  store.messages.append({
    ...said,
    id: 'answer',
    parent: 'question',
    timing: { startedAt: createdAt, firstTokenMs: 720, durationMs: 6_400 },
    cost: 0.016334,
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: whole }],
      origin: { provider: 'anthropic', dialect: 'anthropic', model: 'claude-sonnet-4-5' },
      stop: { kind: 'done', raw: 'end_turn' },
      usage: { input: 3180, output: 412, cacheRead: 2048, cacheWrite: 0 },
    },
  })
  store.conversations.setLeaf(id, 'answer')
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
