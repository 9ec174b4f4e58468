/** A summary that waits before it is asked for again, and a panel whose host does not answer. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

/** What stands between page and host drops each question for a snapshot while `deaf` is set, until a reload is asked for. */
async function prepare(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const state = window as unknown as { deaf?: boolean }
    const { prototype } = MessagePort
    const post = Object.getOwnPropertyDescriptor(prototype, 'postMessage')!.value as (...message: unknown[]) => void
    prototype.postMessage = function (this: MessagePort, ...message: unknown[]): void {
      const words = state.deaf ? JSON.stringify(message[0]) : ''
      if (words.includes('"name":"reload"')) state.deaf = false
      if (!words.includes('"name":"ready"')) post.apply(this, message)
    }
  })
}

describe('A panel that waits for something beside an answer', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: { 'panelist.chatTitles': 'words' },
      prepare,
    })
    ;({ workbench, chat } = open)
    provider = open.fakes.anthropic
    for (const words of ['What is a ring?', 'And a queue?']) {
      const turn = await chat.ask(provider, words)
      await turn.answer(`About ${words}`)
      await chat.settled()
    }
  })

  after(() => open?.close())

  const wait = () => chat.frame.locator('footer').getByTestId('trying-again')
  const summarise = async (seconds: number): Promise<void> => {
    void workbench.helper.execute('panelist.summarise')
    const turn = await provider.next()
    turn.fail(529, 'overloaded_error', 'Overloaded', { 'retry-after': String(seconds) })
    await wait().waitFor()
  }

  it('counts down above the composer for a summary, also after the page was gone, and asks at once by “Now”', async () => {
    await summarise(40)
    assert.match(
      (await wait().innerText()).replace(/\s+/g, ' '),
      /^A summary of earlier messages Anthropic is overloaded\. Trying again in (4[01]|3\d) s \(1 of 3\) Now Stop$/,
    )
    await workbench.helper.execute('workbench.action.closeAuxiliaryBar')
    await workbench.openPanel()
    await chat.again()
    await wait().getByRole('button', { name: 'Now' }).click()
    await (await provider.next()).answer('They spoke of rings and queues.')
    await wait().waitFor({ state: 'detached' })
    await chat.frame.getByTestId('summary').waitFor({ state: 'attached' })
  })

  it('gives the summary up by “Stop”, and sends nothing more', async () => {
    await chat.frame.getByTestId('summary-head').click()
    await chat.frame.getByTestId('summary').getByRole('button', { name: 'Undo' }).click()
    await chat.frame.getByTestId('summary').waitFor({ state: 'detached' })
    await summarise(40)
    const { asked } = provider
    await wait().getByRole('button', { name: 'Stop' }).click()
    await wait().waitFor({ state: 'detached' })
    await workbench.pass(60_000)
    await workbench.page.waitForTimeout(500)
    assert.equal(provider.asked, asked)
    assert.equal(await chat.frame.getByTestId('summary').count(), 0)
  })

  it('says that nobody answers it, and is whole again after “Reload the panel”', async () => {
    const questions = await chat.questions.count()
    await chat.frame.evaluate(() => void ((window as unknown as { old?: boolean }).old = true))
    for (const frame of workbench.page.frames())
      await frame.evaluate(() => void ((window as unknown as { deaf?: boolean }).deaf = true)).catch(() => undefined)
    await chat.composer.fill('Half a thought')
    await workbench.helper.execute('panelist.newChat')
    const notice = chat.frame.getByTestId('notice')
    await notice.getByText('Panelist has not answered yet').waitFor({ timeout: 15_000 })
    assert.equal(await chat.questions.count(), questions, 'what was shown is still there')
    await notice.getByRole('button', { name: 'Reload the panel' }).click()
    const old = chat.frame
    for (const deadline = Date.now() + 20_000; !old.isDetached(); await workbench.page.waitForTimeout(25))
      assert.ok(Date.now() < deadline, 'the page stays')
    await chat.again()
    assert.equal(await chat.frame.evaluate(() => 'old' in window), false, 'it is another page')
    await chat.frame.getByTestId('empty').waitFor()
    const turn = await chat.ask(provider, 'Are you there?')
    await turn.answer('Here I am.')
    await chat.says('Here I am.')
  })
})
