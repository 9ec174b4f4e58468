/** A chat that is longer than its model can read: asked about, cut, summarised, taken to a larger model, and refused. */
import assert from 'node:assert/strict'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

const model = (id: string, name: string, contextWindow: number) => {
  return { provider: 'anthropic', id, name, contextWindow, maxOutputTokens: 500 }
}
/** About 500 tokens. */
const long = (number: number): string => `Question ${number}. ${'ring '.repeat(400)}`

describe('A chat that is longer than its model can read', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'small' },
      settings: {
        'panelist.models': [model('small', 'Small', 3_000), model('large', 'Large', 100_000)],
        'panelist.tools.enabled': false,
        'panelist.countTokens': 'estimate',
        'panelist.chatTitles': 'words',
        'panelist.context.strategy': 'ask',
        'panelist.context.summaryModel': 'anthropic/claude-haiku-4-5',
      },
    })
    ;({ workbench, chat } = open)
  })

  after(() => open?.close())

  const provider = () => open.fakes.anthropic
  const sent = (turn: FakeTurn): string => turn.history.map(({ text }) => text).join('|')
  const finish = async (turn: FakeTurn, words: string): Promise<void> => {
    // As we take it for, so that the estimate stays what it is.
    await turn.answer(words, { input: Math.round(sent(turn).length / 4), output: 10, cached: 0 })
    await chat.says(words)
    await chat.settled()
  }
  const turns = async (from: number, to: number): Promise<void> => {
    for (let at = from; at <= to; at++) await finish(await chat.ask(provider(), long(at)), `Answer ${at}.`)
  }
  const question = () => chat.frame.getByTestId('fit-question')
  /** What stands further up is drawn when it is near. Up and down as a person does, who thereby leaves the end. */
  const find = async (testId: string): Promise<void> => {
    const transcript = chat.frame.getByTestId('transcript')
    await transcript.hover()
    let step = -200
    for (const deadline = Date.now() + 20_000; (await chat.frame.getByTestId(testId).count()) === 0;) {
      assert.ok(Date.now() < deadline, `${testId} is nowhere`)
      await workbench.page.mouse.wheel(0, step)
      await workbench.page.waitForTimeout(50)
      const place = await transcript.evaluate((one) => [one.scrollTop, one.scrollHeight - one.clientHeight] as const)
      if (place[0] <= 0) step = 200
      else if (place[0] >= place[1] - 1) step = -200
    }
  }

  it('asks before anything is sent, leaves out what it said, and shows where', async () => {
    await turns(1, 4)
    await chat.send(long(5))
    await question().getByText('This chat is longer than Small can read').waitFor()
    await question().getByRole('button', { name: 'Leave them out' }).click()
    const turn = await provider().next()
    assert.doesNotMatch(sent(turn), /Question 1\./)
    assert.match(sent(turn), /left out[^]*Question 5\./)
    await finish(turn, 'Answer 5.')
    await find('left-out')
    await chat.frame.getByTestId('left-out').getByText('4 earlier messages were not sent').waitFor()
  })

  it('tells at the meter what the window is filled with', async () => {
    await chat.frame.getByTestId('context').click()
    const details = chat.frame.getByTestId('context-details')
    await details.getByRole('row', { name: /^Messages [\d,]+ \d+%$/ }).waitFor()
    await details.getByRole('row', { name: /^Kept for the answer 500 17%$/ }).waitFor()
    await details.press('Escape')
  })

  it('summarises with another model when it is asked to, shows the summary, and takes it back', async () => {
    await turns(6, 6)
    await chat.send(long(7))
    await question()
      .getByRole('button', { name: /^Summarise with/ })
      .click()
    const summary = await provider().next()
    assert.equal(summary.model, 'claude-haiku-4-5')
    await chat.frame.getByTestId('summarising').waitFor()
    await summary.answer('They spoke of rings.', { input: 900, output: 8, cached: 0 })
    const turn = await provider().next()
    assert.match(sent(turn), /They spoke of rings\.[^]*Question 7\./)
    assert.doesNotMatch(sent(turn), /Question [12]\./)
    await finish(turn, 'Answer 7.')
    await find('summary')
    await chat.frame.getByTestId('summary-head').click()
    await chat.frame.getByTestId('summary').getByText('They spoke of rings.').waitFor()
    await chat.frame.getByTestId('summary').getByRole('button', { name: 'Undo' }).click()
    await chat.frame.getByTestId('summary').waitFor({ state: 'detached' })
  })

  it('goes on with all of it once a larger model is chosen', async () => {
    await chat.send(long(8))
    await question().waitFor()
    await chat.pick('large')
    const turn = await provider().next()
    assert.equal(turn.model, 'large')
    assert.match(sent(turn), /^Question 1\.[^]*Question 8\./)
    await finish(turn, 'Answer 8.')
    await chat.frame.getByTestId('left-out').waitFor({ state: 'detached' })
  })

  it('that the provider refuses as too long is made shorter and sent once more, which is said', async () => {
    const refused = await chat.ask(provider(), long(9))
    refused.fail(400, 'invalid_request_error', 'prompt is too long: 4600 tokens > 3000 maximum')
    await question().getByRole('button', { name: 'Leave them out' }).click()
    const turn = await provider().next()
    assert.doesNotMatch(sent(turn), /Question 1\./)
    await finish(turn, 'Answer 9.')
    await chat.answer
      .getByTestId('fit-note')
      .getByText('was too long, so it was shortened and sent once more')
      .waitFor()
    assert.equal(await chat.failure.count(), 0)
  })

  it('keeps its marks over a reload', async () => {
    await workbench.reload()
    await chat.again()
    await chat.says('Answer 9.')
    await find('left-out')
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
