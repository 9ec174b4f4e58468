/** Nothing that happens to a page, a panel, a window or the extension host loses a word of an answer. */
import assert from 'node:assert/strict'
import { Chat, squeeze, words } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Window, Workbench } from '../harness/workbench.ts'

/** What VS Code says where a test kills the extension host, or takes a page away while it loads. */
const broughtAbout = /Extension host .*terminated unexpectedly|Webview\.loadLocalResource - Error using fileReader/

describe('An answer in mid-stream', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
    ;({ workbench, chat } = open)
    provider = open.fakes.anthropic
  })

  after(() => open?.close())

  it('ends as interrupted with all of its text when the window is reloaded, and can be continued', async () => {
    const turn = await chat.ask(provider, 'Reload me')
    await turn.say(words(0, 30))
    await chat.says(turn.sent)
    await workbench.reload()
    assert.equal((await turn.closed).aborted, true)
    await chat.again()
    await chat.says(turn.sent)
    await chat.answer.getByTestId('interrupted').waitFor()
    await chat.button('Continue').click()
    const next = await provider.next()
    assert.equal(next.history[1]?.text, turn.sent.trimEnd())
    await next.answer('The end.')
    await chat.says(`${turn.sent}The end.`)
    await chat.settled()
  })

  it('is whole after its view was hidden and shown again', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Hide me')
    await turn.say(words(0, 20))
    await chat.says(turn.sent)
    for (let round = 1; round <= 3; round++) {
      await workbench.helper.execute('workbench.action.closeAuxiliaryBar')
      await gone()
      await turn.say(words(round * 100, 20))
      await workbench.openPanel()
      await turn.say(words(round * 100 + 20, 20))
      await chat.again()
      await chat.says(turn.sent)
    }
    await workbench.helper.execute('workbench.action.closeAuxiliaryBar')
    await gone()
    await turn.say(words(900, 20))
    await turn.finish()
    await workbench.openPanel()
    await chat.again()
    await chat.says(turn.sent)
    await chat.settled()
    assert.equal(await chat.answers.count(), 1)
  })

  it('goes on when its editor tab is closed', async () => {
    await chat.newChat()
    await workbench.helper.execute('panelist.openInEditor')
    const [editor] = await panels(1)
    assert.ok(editor)
    const turn = await editor.ask(provider, 'Close my tab')
    await turn.say(words(0, 20))
    await editor.says(turn.sent)
    await workbench.helper.execute('workbench.action.closeActiveEditor')
    await panels(0)
    await turn.say(words(20, 20))
    await turn.finish()
    await chat.newChat() // the side bar had the same chat, and would say nothing of being asked for it
    await openFromHistory(chat, 'Close my tab')
    await chat.says(turn.sent)
    await chat.settled()
  })

  it('is the same in two panels, and streams beside answers of other conversations', async () => {
    await chat.newChat()
    await chat.turn(provider, 'In the side bar', 'Hello from the side.')
    await workbench.helper.execute('panelist.openInEditor')
    const [same] = await panels(1)
    assert.ok(same)
    await same.says('Hello from the side.')
    await workbench.helper.execute('workbench.action.splitEditorRight')
    await workbench.helper.execute('panelist.openInEditor')
    const other = (await panels(2)).find((panel) => panel.frame !== same.frame)
    assert.ok(other)
    await other.newChat()

    const first = await chat.ask(provider, 'Tell both panels')
    const second = await other.ask(provider, 'Tell the other')
    for (let round = 0; round < 5; round++) {
      await first.say(words(round * 10, 10))
      await second.say(words(1000 + round * 10, 10))
    }
    await Promise.all([chat.says(first.sent), same.says(first.sent), other.says(second.sent)])
    await second.finish()
    await first.say('and done.')
    await first.finish()
    await Promise.all([chat.says(first.sent), same.says(first.sent), other.says(second.sent)])
    await Promise.all([chat.settled(), same.settled(), other.settled()])
    assert.equal(await same.questions.count(), 2)
    assert.equal(await other.questions.count(), 1)

    await chat.newChat() // by the title bar of the side bar, whichever panel was used last
    await Promise.all([same.says(first.sent), other.says(second.sent)])
    await workbench.helper.execute('workbench.action.closeAllEditors')
  })

  it('loses at most a quarter of a second when the extension host is killed', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Kill me')
    const host = await workbench.helper.extensionHost()
    for (let at = 0; at < 40; at++) {
      await turn.say(words(at * 3, 3))
      await new Promise((resolve) => setTimeout(resolve, 20)) // the pace of the provider, not a wait
    }
    const killed = performance.now()
    process.kill(host, 'SIGKILL')
    assert.equal((await turn.closed).aborted, true)
    await workbench.reload()
    await chat.again()
    await chat.answer.getByTestId('interrupted').or(chat.failure).waitFor()
    const kept = await chat.text()
    const owed = turn.log.filter(({ at }) => at < killed - 250).map(({ text }) => text)
    assert.ok(squeeze(turn.sent).startsWith(kept), `not what was sent: ${kept}`)
    assert.ok(owed.length > 20)
    assert.ok(kept.length >= squeeze(owed.join('')).length, `lost more than 250 ms: kept ${kept}`)
    await chat.button('Try again').waitFor()
    await chat.button('Continue').click()
    await (await provider.next()).answer('Back again.')
    await chat.frame.getByTestId('transcript').getByText('Back again.').waitFor()
    await chat.settled()
    const all = await chat.text()
    assert.ok(all.startsWith(kept) && all.endsWith('Back again.'), all)
  })

  it('of another window is in the History of this one, and both stream at once', async () => {
    const window: Window = await workbench.addWindow()
    await window.runCommand('Panelist: Open Panelist')
    const there = await Chat.of(window)
    await there.newChat()
    await chat.newChat()
    const mine = await chat.ask(provider, 'From the first window')
    const theirs = await there.ask(provider, 'From the second window')
    for (let round = 0; round < 20; round++) {
      await mine.say(words(round * 10, 10))
      await theirs.say(words(1000 + round * 10, 10))
    }
    await Promise.all([mine.finish(), theirs.finish()])
    await Promise.all([chat.says(mine.sent), there.says(theirs.sent)])
    await Promise.all([chat.settled(), there.settled()])
    await openFromHistory(chat, 'From the second window')
    await chat.says(theirs.sent)
    await openFromHistory(there, 'From the first window')
    await there.says(mine.sent)
    assert.deepEqual(window.problems, [])
    await window.page.close()
  })

  it('causes no console error, no exception and no CSP violation', () => {
    const others = workbench.problems.filter(({ text }) => !broughtAbout.test(text))
    assert.deepEqual(others, [])
  })

  /** Waits until no panel is there. */
  async function gone(): Promise<void> {
    for (const deadline = Date.now() + 20_000; (await workbench.panels()).length > 0;) {
      assert.ok(Date.now() < deadline, 'the view does not go')
      await workbench.page.waitForTimeout(25)
    }
  }

  /** The panels in editor tabs, once there are as many as `count`. */
  async function panels(count: number): Promise<Chat[]> {
    for (const deadline = Date.now() + 20_000; ;) {
      const [editors, [view, ...more]] = await Promise.all([workbench.panels('editor'), workbench.panels('sidebar')])
      if (view && more.length === 0 && editors.length === count) {
        chat.frame = view
        return Promise.all(editors.map((_, index) => Chat.of(workbench, index, 'editor')))
      }
      assert.ok(Date.now() < deadline, `${editors.length} panels in editors`)
      await workbench.page.waitForTimeout(25)
    }
  }

  async function openFromHistory(of: Chat, title: string): Promise<void> {
    await of.openHistory()
    await of.frame.getByTestId('history').getByRole('button', { name: title }).first().click()
    await of.frame.getByTestId('title').getByText(title).waitFor()
  }
})
