/** Budgets and shared credits over whole answers: real sessions, store and gate, a provider that the test drives. */
import assert from 'node:assert/strict'
import type { BudgetDecision, BudgetQuestion } from '../../src/shared/protocol.ts'
import { estimateTokens } from '../../src/shared/tokens.ts'
import type { WindowMoney } from '../../src/host/money/index.ts'
import { noBudgets } from '../../src/usage/budgets.ts'
import type { BudgetRule } from '../../src/usage/budgets.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { chosen, end, FakePage, FakeWindow, text } from './fakes.ts'

/** 4,096 tokens of output at $15 for a million; what is sent adds a little. */
const MOST = 0.0614
/** 1,000 tokens in and 100 out. */
const COST = 0.0045
const rule = (limit: number, then: BudgetRule['then'] = 'ask'): BudgetRule => ({ limit, warnAt: 0.8, then })

describe('Money', () => {
  let window: FakeWindow
  let page: FakePage
  beforeEach(async () => {
    window = new FakeWindow()
    window.keyProfile = 'default'
    page = new FakePage(window)
    await page.ask('ready', {})
  })
  afterEach(() => window.close())

  const until = async (condition: () => boolean) => {
    const deadline = Date.now() + 30_000
    while (!condition()) {
      assert.ok(Date.now() < deadline, 'it did not happen')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  const store = () => window.services.store()
  const spent = () => {
    const { used = -1, reserved = -1 } = store().budget.spent([{ of: 'all', since: 0, limit: 0 }])[0] ?? {}
    return { used: Number(used.toFixed(9)), reserved }
  }
  const credits = () => store().budget.spent([{ of: 'pool', key: 'anthropic', since: 0, limit: 0 }])[0]
  const conversation = (): string => page.session.conversation
  const idle = () => until(() => window.services.answers.count === 0)
  const question = (): BudgetQuestion | undefined => window.services.money.questions.of(conversation())
  const asked = async (): Promise<BudgetQuestion> => {
    await until(() => question() !== undefined)
    return question()!
  }
  const decide = async (decision: BudgetDecision) =>
    page.ask('decide-budget', { question: (await asked()).id, decision })
  const sent = () => window.provider.requests.length
  const answered = async (words = 'Yes.'): Promise<void> => {
    window.provider.send(...text(words), ...end(words))
    await idle()
  }
  const last = () => {
    const { leaf } = store().conversations.get(conversation()) ?? {}
    return store().messages.get(leaf ?? '')
  }
  const failure = () => {
    const message = last()?.message
    return message?.role === 'assistant' && message.stop.kind === 'failed' ? message.stop.failure : undefined
  }

  it('is held while a request is under way, and is what it cost afterwards', async () => {
    await page.say('Hello')
    await until(() => sent() === 1)
    const before = spent()
    assert.ok(before && before.used === 0 && Math.abs(before.reserved - MOST) < 0.001, JSON.stringify(before))
    await answered()
    assert.deepEqual(spent(), { used: COST, reserved: 0 })
    assert.equal(last()?.paidBy, 'key')
    assert.equal(store().requests.list()[0]?.paidBy, 'key')
  })

  it('is held for twice the input that is estimated, until the model has counted one', async () => {
    const words = 'word '.repeat(8_000)
    const input = (): number => ((spent().reserved - (4_096 * 15) / 1e6) * 1e6) / 3
    const asked = async (count: number): Promise<number> => {
      await page.say(words)
      await until(() => sent() === count)
      const held = input()
      window.provider.send(...text('Yes.'))
      window.provider.send({ type: 'block-end', index: 0, block: { type: 'text', text: 'Yes.' } })
      const usage = { input: count * estimateTokens(words), output: 2, cacheRead: 0, cacheWrite: 0 }
      window.provider.send({ type: 'usage', usage }, { type: 'end', stop: { kind: 'done' } })
      await idle()
      return held / estimateTokens(words)
    }
    assert.ok(Math.abs((await asked(1)) - 2) < 0.02)
    assert.ok(Math.abs((await asked(2)) - 2) < 0.02, 'both messages, counted once each')
  })

  it('is given back where the request failed, and where it was stopped before it was answered at all', async () => {
    await page.say('Hello')
    await until(() => sent() === 1)
    window.provider.send({ type: 'end', stop: { kind: 'failed', failure: { code: 'overloaded', message: 'Busy.' } } })
    await idle()
    assert.deepEqual(spent(), { used: 0, reserved: 0 })
    await page.say('Again')
    await until(() => sent() === 2)
    await page.ask('stop', {})
    await idle()
    assert.deepEqual(spent(), { used: 0, reserved: 0 })
  })

  it('pays for what was sent where its provider had taken it and it was stopped before the first word: they charge for that', async () => {
    await page.say('Hello')
    await until(() => sent() === 1)
    window.provider.taken++
    await page.ask('stop', {})
    await idle()
    const { used, reserved } = spent()
    assert.equal(reserved, 0)
    assert.ok(used > 0 && used < 0.001, `$${used}`)
    const { message, cost } = last()!
    assert.ok(message.role === 'assistant' && message.stop.kind === 'aborted' && message.usage.estimated)
    assert.equal(cost, used)
    assert.deepEqual(
      store()
        .requests.list()
        .map(({ outcome, output, cost }) => [outcome, output, cost]),
      [['aborted', 0, used]],
    )
  })

  for (const code of ['timeout', 'overloaded'] as const)
    it(`${code === 'timeout' ? 'pays for what was sent where its provider had taken it and then fell silent' : 'is given back where its provider itself says, after taking it, that it failed'}`, async () => {
      await page.say('Hello')
      await until(() => sent() === 1)
      window.provider.taken++
      window.provider.send({ type: 'end', stop: { kind: 'failed', failure: { code, message: 'No.' } } })
      await idle()
      const { used, reserved } = spent()
      assert.equal(reserved, 0)
      assert.equal(used > 0, code === 'timeout', `$${used}`)
    })

  it('counts what was written of an answer that was stopped, though nobody told its usage', async () => {
    await page.say('Hello')
    await until(() => sent() === 1)
    window.provider.send(...text('A whole sentence that somebody has to pay for. '.repeat(20)))
    await until(() => window.services.answers.running(conversation())?.message.content.length === 1)
    await page.ask('stop', {})
    await idle()
    const { used, reserved } = spent()
    assert.equal(reserved, 0)
    assert.ok(used > 0.002 && used < MOST, `$${used}`)
    assert.ok(Math.abs((last()?.cost ?? 0) - used) < 1e-9)
  })

  it('counts a whole answer, too, of which its provider never said what it used', async () => {
    await page.say('Hello')
    await until(() => sent() === 1)
    const words = 'A whole sentence that somebody has to pay for. '.repeat(20)
    window.provider.send(...text(words), ...end(words).filter(({ type }) => type !== 'usage'))
    await idle()
    const { used, reserved } = spent()
    assert.equal(reserved, 0)
    assert.ok(used > 0.002 && used < MOST, `$${used}`)
    const { message } = last()!
    assert.ok(message.role === 'assistant' && message.stop.kind === 'done' && message.usage.estimated)
  })

  it('that a budget does not have is asked about with its figures, and sent anyway only when the person says so', async () => {
    window.budgets = { ...noBudgets, day: rule(0.05) }
    await page.say('Hello')
    const { estimate, budgets, model } = await asked()
    assert.equal(sent(), 0)
    assert.equal(model, 'Claude Test')
    assert.ok(Math.abs((estimate ?? 0) - MOST) < 0.001)
    assert.deepEqual(
      budgets.map(({ scope, limit, used, reserved }) => ({ scope, limit, used, reserved })),
      [{ scope: 'day', limit: 0.05, used: 0, reserved: 0 }],
    )
    assert.equal((await page.session.snapshot()).conversation.money?.asking?.id, question()?.id)
    await decide('send')
    await until(() => sent() === 1)
    assert.equal(question(), undefined)
    await answered()
    await page.say('And now?')
    await asked()
    await decide('stop')
    await idle()
    assert.equal(sent(), 1)
    assert.match(
      failure()?.message ?? '',
      /^Nothing was sent: today's budget of \$0\.05 has \$0\.045 left, and you stopped it/,
    )
    assert.equal(failure()?.code, 'budget')
    assert.deepEqual(spent(), { used: COST, reserved: 0 })
  })

  it('is asked about for as long as that takes: the time of the whole answer stands still meanwhile', async () => {
    const clock = new FakeClock(Date.now())
    const slow = new FakeWindow({ resilience: { clock } })
    slow.keyProfile = 'default'
    slow.budgets = { ...noBudgets, day: rule(0.05) }
    slow.trying = { ...slow.trying, timeouts: { ...slow.trying.timeouts, total: 60_000 } }
    const reader = new FakePage(slow)
    await reader.ready()
    await reader.say('Hello')
    const { questions } = slow.services.money
    await until(() => questions.of(reader.session.conversation) !== undefined)
    clock.pass(3_600_000)
    const { id } = questions.of(reader.session.conversation)!
    await reader.ask('decide-budget', { question: id, decision: 'send' })
    await until(() => slow.provider.requests.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    slow.provider.send(...text('Yes.'), ...end('Yes.'))
    await until(() => slow.services.answers.count === 0)
    const { messages } = (await reader.ready()).page
    const last = messages.at(-1)?.message
    assert.deepEqual(last?.role === 'assistant' && last.stop, { kind: 'done', raw: 'end_turn' })
    slow.close()
  })

  it('is not asked about again where the request that was sent anyway failed, and is made once more', async () => {
    window.budgets = { ...noBudgets, day: rule(0.05) }
    window.trying = { ...window.trying, retry: { ...window.trying.retry, attempts: 1, baseDelay: 1 } }
    await page.say('Hello')
    await decide('send')
    await until(() => sent() === 1)
    window.provider.send({ type: 'end', stop: { kind: 'failed', failure: { code: 'overloaded', message: 'Busy.' } } })
    await until(() => sent() === 2)
    assert.equal(question(), undefined)
    await answered()
    await page.say('Another one')
    await asked()
    await decide('stop')
    await idle()
  })

  it('is not asked about again in a chat whose person said so', async () => {
    window.budgets = { ...noBudgets, day: rule(0.05), conversation: rule(0.01) }
    await page.say('Hello')
    await decide('send-all')
    await until(() => sent() === 1)
    await answered()
    await page.say('And now?')
    await until(() => sent() === 2)
    await answered()
    const other = new FakePage(window)
    await other.ask('ready', {})
    await other.ask('new', { keepChoice: false })
    await other.say('Elsewhere')
    await until(() => window.services.money.questions.of(other.session.conversation) !== undefined)
    await other.ask('stop', {})
    await idle()
    assert.equal(sent(), 2)
  })

  it('is never sent past a budget that stops, and the failure says which, how much is left and what to do', async () => {
    window.budgets = { ...noBudgets, day: rule(9), month: rule(0.02, 'stop') }
    await page.say('Hello')
    await idle()
    assert.equal(sent(), 0)
    const { code, message } = failure() ?? {}
    assert.equal(code, 'budget')
    assert.match(
      message ?? '',
      /^Nothing was sent: this request may cost \$0\.06\d?, and this month's budget of \$0\.02 has \$0\.02 left\. It begins anew .*\. Choose a cheaper model/,
    )
    assert.deepEqual(spent(), { used: 0, reserved: 0 })
  })

  it('takes a question back when the person stops the answer', async () => {
    window.budgets = { ...noBudgets, day: rule(0.05) }
    await page.say('Hello')
    await asked()
    await page.ask('stop', {})
    await idle()
    assert.equal(question(), undefined)
    assert.equal(sent(), 0)
  })

  it('of two chats at once does not go over the budget of the day', async () => {
    window.budgets = { ...noBudgets, day: rule(0.1, 'stop') }
    const other = new FakePage(window)
    await other.ask('ready', {})
    await Promise.all([page.say('One'), other.say('Two')])
    await until(() => window.services.answers.count === 1 && sent() === 1)
    await answered()
    assert.equal(sent(), 1)
    assert.deepEqual(spent(), { used: COST, reserved: 0 })
  })

  it('that nobody knows is asked about, unless the person allows it', async () => {
    const { price: _, ...info } = chosen.info!
    window.choice = { ...chosen, info }
    window.budgets = { ...noBudgets, day: rule(5) }
    await page.say('Hello')
    const { estimate, budgets } = await asked()
    assert.equal(estimate, undefined)
    assert.equal(budgets.length, 1)
    await decide('stop')
    await idle()
    assert.equal(sent(), 0)
    window.budgets = { ...window.budgets, unknownPrice: 'allow' }
    await page.say('Hello again')
    await until(() => sent() === 1)
    await answered()
    assert.equal(question(), undefined)
  })

  it('of a budget that is nearly used up is told once, and shown until it begins anew', async () => {
    window.budgets = { ...noBudgets, day: rule(0.07) }
    const { notices } = window.services
    const ask = async (words: string): Promise<void> => {
      const before = sent()
      await page.say(words)
      await until(() => sent() > before || question() !== undefined)
      if (question()) await decide('send')
      await until(() => sent() > before)
      window.provider.send(...text('Yes.'), {
        type: 'usage',
        usage: { input: 0, output: 3_900, cacheRead: 0, cacheWrite: 0 },
      })
      window.provider.send({ type: 'block-end', index: 0, block: { type: 'text', text: 'Yes.' } })
      window.provider.send({ type: 'end', stop: { kind: 'done' } })
      await idle()
    }
    await ask('Hello')
    assert.deepEqual(
      notices.all.map(({ text }) => text),
      ["83% of today's budget is used: $0.059 of $0.07."],
    )
    const { money } = (await page.session.snapshot()).conversation
    assert.deepEqual(
      money?.warning?.map(({ scope, warns }) => [scope, warns]),
      [['day', true]],
    )
    notices.dismiss('budget-day')
    await ask('Again')
    assert.deepEqual(notices.all, [])
    assert.deepEqual(
      (await page.ask('budgets', {})).map(({ scope, limit }) => [scope, limit]),
      [['day', 0.07]],
    )
  })

  it('of an agent is shown as nearly used up where the settings name the agent, too', async () => {
    window.budgets = { ...noBudgets, agent: rule(1) }
    const inUse = { id: 'user:reviewer', name: 'Reviewer', origin: 'user' as const }
    window.services.customising = { ...window.services.customising, of: () => Promise.resolve({ inUse }) }
    store().budget.reserve({ id: 'r', at: Date.now(), agent: 'user:reviewer', amount: 0.9, credits: 0 }, [])
    store().budget.settle('r', { amount: 0.9, credits: 0 })
    const { money } = (await page.session.snapshot()).conversation
    assert.deepEqual(
      money?.warning?.map(({ scope, name, used }) => [scope, name, used]),
      [['agent', 'reviewer', 0.9]],
    )
  })

  it('of each agent that cost something this month is among those of the window', () => {
    window.budgets = { ...noBudgets, day: rule(5), conversation: rule(1), agent: rule(2) }
    const spend = (agent: string, startedAt: number, cost: number): void => {
      const counts = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0, reasoning: 0, durationMs: 1 }
      const about = {
        id: agent,
        provider: 'p',
        model: 'm',
        agent,
        startedAt,
        cost,
        attempt: 1,
        outcome: 'done' as const,
      }
      store().requests.insert({ ...about, ...counts })
      store().budget.reserve({ id: agent, at: startedAt, agent, amount: cost, credits: 0 }, [])
      store().budget.settle(agent, { amount: cost, credits: 0 })
    }
    spend('user:reviewer', Date.now(), 1.5)
    spend('workspace:writer', Date.now(), 0)
    spend('user:older', Date.now() - 32 * 86_400_000, 1)
    const money = window.services.money as WindowMoney
    // What was spent counts on where the records of it are kept for a shorter time than a budget.
    while (store().usage.expire(Date.now() + 2 * 86_400_000));
    assert.deepEqual(
      money.overview('file:///project').map(({ scope, name, used }) => [scope, name, used]),
      [
        ['day', undefined, 1.5],
        ['agent', 'reviewer', 1.5],
      ],
    )
  })

  it('of a chat that is nearly used up stays told while other chats go on, and by its name', async () => {
    window.budgets = { ...noBudgets, conversation: rule(0.07) }
    const turn = async (reader: FakePage, output: number): Promise<void> => {
      const before = sent()
      await reader.say('Hello')
      await until(() => sent() > before)
      const usage = { input: 0, output, cacheRead: 0, cacheWrite: 0 }
      window.provider.send(...text('Yes.'), { type: 'block-end', index: 0, block: { type: 'text', text: 'Yes.' } })
      window.provider.send({ type: 'usage', usage }, { type: 'end', stop: { kind: 'done' } })
      await idle()
    }
    const other = new FakePage(window)
    await other.ask('ready', {})
    await other.ask('new', { keepChoice: false })
    await turn(page, 3_900)
    await turn(other, 10)
    assert.deepEqual(
      window.services.notices.all.map(({ id, text }) => [id, text]),
      [[`budget-conversation-${conversation()}`, '83% of the budget of the chat “Hello” is used: $0.059 of $0.07.']],
    )
    await turn(other, 3_900)
    assert.equal(window.services.notices.all.length, 2)
  })

  it('is told of by the editor, once, where it is asked about in a chat that nobody sees, and the chat is shown', async () => {
    window.budgets = { ...noBudgets, day: rule(0.05) }
    await page.say('Hello')
    await asked()
    assert.deepEqual(window.told, [], 'the person sees it')
    window.seen = false
    const money = window.services.money as WindowMoney
    money.look()
    money.look()
    await until(() => window.shown.length > 0)
    assert.deepEqual(window.told, ['“Hello” waits for you. Send for up to $0.061, past a budget?'])
    assert.deepEqual(window.shown, [conversation()])
    await decide('stop')
    await idle()
    money.look()
    assert.equal(window.told.length, 1)
    await page.say('And now?')
    await asked()
    assert.equal(window.told.length, 2, 'another question')
    await decide('stop')
    await idle()
  })

  describe('of a team', () => {
    beforeEach(() => {
      window.credits = { anthropic: { allowance: 100, per: 'day', rate: { tokens: 100 }, keyProfile: 'team' } }
      window.keyProfile = 'team'
      window.budgets = { ...noBudgets, day: rule(0.001, 'stop') }
    })

    it('pays for requests with the shared key, in credits, and the answer says so', async () => {
      await page.say('Hello')
      await until(() => sent() === 1)
      assert.ok((credits()?.reserved ?? 0) > 40)
      await answered()
      assert.deepEqual(credits(), { used: 11, reserved: 0 })
      assert.deepEqual(spent(), { used: 0, reserved: 0 })
      assert.equal(last()?.paidBy, 'credits')
      assert.equal(store().requests.list()[0]?.paidBy, 'credits')
    })

    it('pays nothing for requests with the key of the person', async () => {
      window.keyProfile = 'mine'
      window.budgets = noBudgets
      await page.say('Hello')
      await until(() => sent() === 1)
      await answered()
      assert.deepEqual(credits(), { used: 0, reserved: 0 })
      assert.deepEqual(spent(), { used: COST, reserved: 0 })
      assert.equal(last()?.paidBy, 'key')
    })

    it('gets back what a failed request drew', async () => {
      await page.say('Hello')
      await until(() => sent() === 1)
      window.provider.send(...text('Ye'), {
        type: 'usage',
        usage: { input: 9, output: 9, cacheRead: 0, cacheWrite: 0 },
      })
      window.provider.send({
        type: 'end',
        stop: { kind: 'failed', failure: { code: 'unavailable', message: 'Down.' } },
      })
      await idle()
      assert.deepEqual(credits(), { used: 0, reserved: 0 })
    })

    it('pays no more than its allowance, and whoever asks is told what to do', async () => {
      window.credits = { anthropic: { ...window.credits['anthropic']!, allowance: 30 } }
      await page.say('Hello')
      await idle()
      assert.equal(sent(), 0)
      assert.match(
        failure()?.message ?? '',
        /^Nothing was sent: this request may cost 4\d(\.\d)? credits, and the shared credits of Anthropic of 30 credits have 30 credits left\. .*Use a key of your own/,
      )
    })
  })
})
