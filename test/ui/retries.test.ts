/** What a person sees of a provider that fails for a moment: a countdown, and at last an answer without a seam. */
import assert from 'node:assert/strict'
import { words } from '../harness/chat.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('A provider that fails for a moment', () => {
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

  const wait = () => chat.answer.getByTestId('trying-again')

  it('is asked again after a countdown, which outlives the page, or at once by “Now”', async () => {
    const turn = await chat.ask(provider, 'Are you there?')
    turn.fail(529, 'overloaded_error', 'Overloaded', { 'retry-after': '55' })
    await wait().waitFor()
    assert.match(await wait().innerText(), /Anthropic is overloaded\.\s+Trying again in (5[0-6]|4\d) s \(1 of 3\)/)
    await workbench.pass(15_000)
    await wait()
      .getByText(/Trying again in (4[01]|[123]\d) s/)
      .waitFor()
    await workbench.helper.execute('workbench.action.closeAuxiliaryBar')
    await workbench.openPanel()
    await chat.again()
    await wait()
      .getByText(/Trying again in (4[01]|[123]\d) s/)
      .waitFor()
    assert.equal(await chat.failure.count(), 0)
    await wait().getByRole('button', { name: 'Now' }).click()
    await (await provider.next()).answer('Here I am.')
    await chat.says('Here I am.')
    await chat.settled()
    await wait().waitFor({ state: 'detached' })
    await chat.footer.getByText('2 attempts').waitFor()
  })

  it('is asked again by itself when the countdown is over, and not before', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Are you there?')
    turn.fail(529, 'overloaded_error', 'Overloaded', { 'retry-after': '50' })
    await wait().waitFor()
    const { asked } = provider
    await workbench.pass(30_000)
    await wait()
      .getByText(/Trying again in (2[0-3]|1\d) s/)
      .waitFor()
    assert.equal(provider.asked, asked, 'it was asked too early')
    await workbench.pass(25_000)
    await (await provider.next()).answer('Here I am again.')
    await chat.says('Here I am again.')
    await chat.settled()
    assert.equal(provider.asked, asked + 1)
  })

  it('asks no more after “Stop”, and the person can try it later', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Are you there?')
    turn.fail(529, 'overloaded_error', 'Overloaded', { 'retry-after': '40' })
    await wait().getByRole('button', { name: 'Stop' }).click()
    await chat.answer.getByTestId('interrupted').waitFor()
    await chat.button('Try again').click()
    await (await provider.next()).answer('Now I am.')
    await chat.says('Now I am.')
    await chat.settled()
  })

  it('in the middle of its answer goes on from there by itself, and no seam is seen', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Count the words')
    await turn.say(words(0, 30))
    await chat.says(turn.sent)
    turn.drop()
    const next = await provider.next()
    assert.deepEqual(
      next.history.map(({ role }) => role),
      ['user', 'assistant'],
    )
    assert.equal(next.history[1]?.text, turn.sent.trimEnd())
    await next.say(words(30, 30))
    await chat.says(`${turn.sent}${next.sent}`)
    assert.equal(await chat.failure.count(), 0)
    await next.finish()
    await chat.settled()
    await chat.says(`${turn.sent}${next.sent}`)
    assert.equal(await chat.failure.count(), 0)
    await chat.footer.getByText('2 attempts').waitFor()
  })
})
