/** A provider that fails in a real VS Code: another one answers and says why, none that is forbidden, and limits make a queue. */
import assert from 'node:assert/strict'
import type { Json } from '../../src/shared/json.ts'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

const model = (provider: string, id: string, name: string) => ({ provider, id, name, contextWindow: 100_000 })

describe('Where a provider fails', () => {
  let open: OpenChat<'anthropic' | 'litellm'>
  let workbench: Workbench
  let chat: Chat

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic', litellm: 'litellm' },
      choice: { provider: 'anthropic', model: 'claude-test' },
      settings: {
        'panelist.models': [
          model('anthropic', 'claude-test', 'Claude'),
          model('anthropic', 'rare-test', 'Rare'),
          model('litellm', 'gpt-test', 'GPT-5'),
        ],
        'panelist.failover': ['litellm/gpt-test'],
        'panelist.retry.baseDelay': 0.1,
        'panelist.tools.enabled': false,
        'panelist.countTokens': 'estimate',
        'panelist.chatTitles': 'words',
      },
    })
    ;({ workbench, chat } = open)
  })

  after(() => open?.close())

  const settings = (changes: Record<string, Json | undefined>) => workbench.helper.changeSettings(changes)

  it('another model answers, the answer says why, so it stays for a while, and then the first is asked again', async () => {
    const turn = await chat.ask(open.fakes.anthropic, 'Hello?')
    turn.fail(529, 'overloaded_error', 'Overloaded')
    ;(await open.fakes.anthropic.next()).fail(529, 'overloaded_error', 'Overloaded')
    await (await open.fakes.litellm.next()).answer('Here I am.')
    await chat.says('Here I am.')
    await chat.settled()
    assert.equal(
      (await chat.answer.getByTestId('instead').innerText()).trim(),
      'Claude was overloaded; answered by GPT-5.',
    )
    assert.match(await chat.answer.innerText(), /gpt-test|GPT-5/)
    const next = await chat.ask(open.fakes.litellm, 'Still you?')
    await next.answer('Still me.')
    await chat.says('Still me.')
    await chat.settled()
    await chat.answer.getByTestId('instead').getByText('Claude was overloaded').waitFor()
    await workbench.pass(6 * 60_000)
    await (await chat.ask(open.fakes.anthropic, 'And you?')).answer('I am back.')
    await chat.says('I am back.')
    await chat.settled()
    assert.equal(await chat.answer.getByTestId('instead').count(), 0)
  })

  it('who stands in can be sent away: the panel says who answers for whom, and the next message goes to the first', async () => {
    await chat.newChat()
    ;(await chat.ask(open.fakes.anthropic, 'Hello?')).fail(529, 'overloaded_error', 'Overloaded')
    ;(await open.fakes.anthropic.next()).fail(529, 'overloaded_error', 'Overloaded')
    await (await open.fakes.litellm.next()).answer('Here I am.')
    await chat.settled()
    await chat.frame.getByTestId('stand-in').getByText('GPT-5 answers for Claude until').waitFor()
    await chat.frame.getByTestId('use-first').click()
    await chat.frame.getByTestId('back-again').waitFor()
    await (await chat.ask(open.fakes.anthropic, 'And you?')).answer('I am back.')
    await chat.says('I am back.')
    await chat.settled()
  })

  it('the picker says how the provider does, until that is old news', async () => {
    await chat.newChat()
    const fake = open.fakes.anthropic
    await settings({ 'panelist.failover': undefined })
    ;(await chat.ask(fake, 'Once more?')).fail(529, 'overloaded_error', 'Overloaded')
    for (let again = 0; again < 3; again++) (await fake.next()).fail(529, 'overloaded_error', 'Overloaded')
    await chat.failure.getByText(/is overloaded/).waitFor()
    const health = (await chat.openPicker()).locator('[data-testid=health]', { hasText: /down/i }).first()
    await health.waitFor()
    await chat.closePicker()
    await workbench.pass(31 * 60_000)
    await (await chat.openPicker()).locator('[data-testid=health]', { hasText: /down/i }).waitFor({ state: 'detached' })
    await chat.closePicker()
    await settings({ 'panelist.failover': ['litellm/gpt-test'] })
  })

  it('nothing goes to a forbidden provider: the picker says so, and a message is refused with the reason', async () => {
    await settings({ 'panelist.neverSendTo': ['anthropic'] })
    await chat.newChat()
    const picker = await chat.openPicker()
    await picker.getByText('nothing may be sent to it').waitFor()
    await picker.getByText('not allowed by your settings').first().waitFor()
    await chat.closePicker()
    const before = open.fakes.anthropic.server.requests.length
    await chat.send('Hello?')
    await chat.failure.getByText(/Nothing is sent to Anthropic: “anthropic” stands in panelist\.neverSendTo/).waitFor()
    assert.equal(open.fakes.anthropic.server.requests.length, before)
    await settings({ 'panelist.neverSendTo': undefined })
  })

  it('a limit of rate makes the next answer wait, which says for what, and Stop takes it out; with the minute over it goes by itself', async () => {
    await settings({
      'panelist.failover': undefined,
      'panelist.rateLimits': [{ provider: 'anthropic', model: 'rare-test', requests: 1 }],
    })
    await chat.newChat()
    await chat.pick('rare-test')
    await (await chat.ask(open.fakes.anthropic, 'One')).answer('The first.')
    await chat.says('The first.')
    await chat.settled()
    await chat.send('Two')
    const wait = chat.answer.getByTestId('trying-again')
    await wait.getByText(/Waiting for Anthropic: 1 request a minute\./).waitFor()
    await wait.getByText(/\d+ s more/).waitFor()
    await wait.getByRole('button', { name: 'Stop' }).click()
    await wait.waitFor({ state: 'detached' })
    await chat.stop.waitFor({ state: 'hidden' })
    await chat.send('Three')
    const { length } = open.fakes.anthropic.server.requests
    const left = parseInt(await wait.getByText(/^\d+ s more$/).innerText())
    // All but the last seconds: how many of the minute are gone depends on the machine.
    await workbench.pass(Math.max(0, left - 10) * 1000)
    await wait.getByText(/^\d s more$/).waitFor()
    assert.equal(open.fakes.anthropic.server.requests.length, length, 'it went too early')
    await workbench.pass(11_000)
    await (await open.fakes.anthropic.next()).answer('The third.')
    await chat.says('The third.')
    await chat.settled()
  })

  it('whom a chat forbids while it answers gets no title to write after it, and nothing to count', async () => {
    await settings({ 'panelist.chatTitles': undefined, 'panelist.countTokens': undefined })
    const { anthropic } = open.fakes
    const once = async (forbid: boolean): Promise<number> => {
      await chat.newChat()
      if (!forbid) await chat.pick('claude-test')
      const turn = await chat.ask(anthropic, 'What is a ring buffer?')
      await turn.say('A queue')
      if (forbid) {
        await chat.frame.getByTestId('options-button').click()
        await chat.frame.locator('[data-testid=option-never-send] [data-provider=anthropic] input').check()
        await chat.frame.getByTestId('barred-note').waitFor()
        await chat.frame.getByTestId('options-button').click()
      }
      // A list of models is no part of a chat; whom it forbids gets nothing at all.
      const requests = () => anthropic.server.requests.filter(({ method }) => forbid || method === 'POST').length
      const before = requests()
      await turn.finish()
      await chat.settled()
      if (!forbid) await (await anthropic.next()).answer('Ring buffers')
      await chat.composer.fill('And now some words that somebody could count')
      // A title and a count are two: where nothing comes, it is given the time that those take at most.
      for (const patience = Date.now() + (forbid ? 2_000 : 20_000); Date.now() < patience;) {
        if (!forbid && requests() - before >= 2) break
        await workbench.page.waitForTimeout(50)
      }
      await chat.composer.fill('')
      return requests() - before
    }
    assert.ok((await once(false)) >= 2, 'a title and a count where nothing is forbidden')
    assert.equal(await once(true), 0)
    await chat.frame.getByTestId('options-button').click()
    await chat.frame.locator('[data-testid=option-never-send] [data-provider=anthropic] input').uncheck()
    await chat.frame.getByTestId('barred-note').waitFor({ state: 'detached' })
    await chat.frame.getByTestId('options-button').click()
  })

  it('a chat that forbids a provider sends it nothing, also after a reload, and offers another model', async () => {
    await chat.newChat()
    const before = open.fakes.anthropic.server.requests.length
    const forbids = (provider: string) =>
      chat.frame.locator(`[data-testid=option-never-send] [data-provider=${provider}] input`)
    await chat.frame.getByTestId('options-button').click()
    await forbids('anthropic').check()
    await chat.frame.getByTestId('barred-note').waitFor()
    await chat.frame.getByTestId('options-button').click()
    await chat.send('Hello?')
    await chat.failure.getByText(/Nothing of this chat is sent to Anthropic: its options forbid it/).waitFor()
    await workbench.reload()
    await chat.again()
    await chat.frame.getByTestId('barred-choose').click()
    const row = chat.frame.locator('[data-model=claude-test]').first()
    await row.getByText('not allowed in this chat').waitFor()
    assert.equal(await row.getAttribute('aria-disabled'), 'true')
    await chat.frame.getByTestId('model-search').fill('claude-test')
    await chat.frame.getByTestId('model-search').press('Enter')
    assert.equal(await chat.frame.getByTestId('model-picker').isVisible(), true)
    await chat.frame.getByTestId('model-search').fill('gpt-test')
    await chat.frame.locator('[data-model=gpt-test]').click()
    await chat.frame.getByTestId('barred-note').waitFor({ state: 'detached' })
    await (await chat.ask(open.fakes.litellm, 'And you?')).answer('Me.')
    await chat.says('Me.')
    await chat.settled()
    const sent = open.fakes.anthropic.server.requests.slice(before).filter(({ method }) => method === 'POST')
    assert.deepEqual(sent, [])
  })
})
