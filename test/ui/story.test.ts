/** The main job, with each provider: ask, watch, stop, go on, come back. */
import assert from 'node:assert/strict'
import type { Chat } from '../harness/chat.ts'
import { words } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('A chat from beginning to end', () => {
  let open: OpenChat<'anthropic' | 'openai'>
  let workbench: Workbench
  let chat: Chat

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({ providers: { anthropic: 'anthropic', openai: 'openai' } })
    ;({ workbench, chat } = open)
  })

  after(() => open?.close())

  // OpenAI's fake tells its prices; Anthropic's does not, and list prices hold for Anthropic's own address only.
  const stories = [
    { name: 'Anthropic', provider: () => open.fakes.anthropic, model: 'claude-haiku-4-5', cost: /cost unknown/ },
    { name: 'OpenAI', provider: () => open.fakes.openai, model: 'gpt-5-mini', cost: /\$0\.0025/ },
  ]
  for (const { name, provider, model, cost } of stories) {
    it(`with ${name}: streams, stops, goes on, remembers, and is all there after a reload`, async () => {
      await chat.newChat()
      await chat.pick(model)

      const first = await chat.ask(provider(), 'Tell me a story')
      assert.equal(first.model, model)
      await first.say(words(0, 10))
      await chat.says(first.sent)
      await first.say(words(10, 10))
      await chat.says(first.sent)
      assert.equal(await chat.frame.getByTestId('streaming').count(), 1)

      await chat.stop.click()
      assert.equal((await first.closed).aborted, true)
      await chat.says(first.sent)
      await chat.answer.getByTestId('interrupted').waitFor()
      await chat.button('Try again').waitFor()

      await chat.button('Continue').click()
      const second = await provider().next()
      const partial = first.sent
      assert.deepEqual(
        second.history.slice(0, 2).map(({ role, text }) => ({ role, text: text.trim() })),
        [
          { role: 'user', text: 'Tell me a story' },
          { role: 'assistant', text: partial.trim() },
        ],
      )
      await second.answer(words(20, 5))
      // One answer, without a seam.
      await chat.says(partial + second.sent)
      await chat.settled()

      const third = await chat.ask(provider(), 'And then?')
      assert.equal(third.history[0]?.text, 'Tell me a story')
      const told = third.history.map(({ text }) => text.trim()).join(' ')
      for (const words of [partial, second.sent]) assert.equal(told.split(words.trim()).length, 2)
      assert.deepEqual(third.history.at(-1), { role: 'user', text: 'And then?' })
      await third.answer('They lived happily.', { input: 1500, output: 60, cached: 500 })
      await chat.says('They lived happily.')
      await chat.settled()
      const facts = await chat.footer.innerText()
      assert.match(facts, /2k in/)
      assert.match(facts, /60 out/)
      assert.match(facts, /500 cached/)
      assert.match(facts, cost)

      const before = await transcript()
      await workbench.reload()
      await chat.again()
      await chat.says('They lived happily.')
      // What a model is called may be known a moment after its answers are drawn.
      let after = await transcript()
      for (const deadline = Date.now() + 20_000; after.join() !== before.join() && Date.now() < deadline;) {
        await workbench.page.waitForTimeout(50)
        after = await transcript()
      }
      assert.deepEqual(after, before)
      assert.match(await chat.frame.getByTestId('model-button').getAttribute('title').then(String), new RegExp(model))
    })
  }

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  async function transcript(): Promise<string[]> {
    const texts = await chat.frame.locator('article').allInnerTexts()
    return texts.map((text) => text.replace(/\s+/g, ' '))
  }
})
