import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Cut, Digest, Item } from '../../../src/agent/context/cut.ts'
import type { Fit } from '../../../src/agent/context/fit.ts'
import { fit } from '../../../src/agent/context/fit.ts'
import { viewOf } from '../../../src/agent/context/view.ts'
import { toMessages } from '../../../src/agent/request.ts'
import type { AssistantMessage, Message, ToolMessage } from '../../../src/shared/message.ts'
import { noUsage, textOf } from '../../../src/shared/message.ts'
import { estimateRequest } from '../../../src/usage/estimate.ts'
import { histories } from '../../harness/histories.ts'
import { readers as speakers, requestFor } from '../../harness/readers.ts'
import { assertWellFormed, rules } from '../../harness/request-rules.ts'
import { worked } from '../../harness/steady.ts'

const says = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const answers = (text: string, call?: string): AssistantMessage => ({
  role: 'assistant',
  content: [
    { type: 'text', text },
    ...(call === undefined
      ? []
      : [{ type: 'tool-call' as const, id: call, name: 'read', ranBy: 'host' as const, json: '{}', input: {} }]),
  ],
  origin: { provider: 'anthropic', dialect: 'anthropic', model: 'm' },
  stop: { kind: call === undefined ? 'done' : 'tools' },
  usage: noUsage(),
})
const gives = (callId: string, text: string): ToolMessage => ({
  role: 'tool',
  content: [{ type: 'tool-result', callId, name: 'read', ranBy: 'host', output: [{ type: 'text', text }] }],
})
const asItems = (messages: readonly Message[], pinned: readonly number[] = []): Item[] =>
  messages.map((message, at) => ({ id: `m${at}`, message, ...(pinned.includes(at) && { pinned: true as const }) }))
const size = (messages: readonly Message[]): number => estimateRequest({ system: 'Be brief.', messages })
const reader = { provider: 'anthropic', dialect: 'anthropic' }

/** What goes out. */
function sent(items: readonly Item[], { cut }: Fit, limit: number): Message[] {
  return toMessages(viewOf(items, cut, limit).messages, reader)
}
const words = (messages: readonly Message[]): string => messages.map(({ content }) => textOf(content)).join('|')

/** Each of so many turns is about 120 tokens. */
const turns = (count: number): Message[] =>
  Array.from({ length: count }, (_, at) => [
    says(`question ${at} ${'x'.repeat(200)}`),
    answers(`answer ${at} ${'y'.repeat(200)}`),
  ]).flat()

describe('A history that is longer than the window', () => {
  it('loses its oldest whole turns, and says so to the model', () => {
    const items = asItems([...turns(20), says('And now?')])
    const found = fit({ items, limit: 1_000, size, reader })
    assert.ok(found)
    const messages = sent(items, found, 1_000)
    assert.match(textOf(messages[0]!.content), /Earlier messages .* left out/)
    assert.match(textOf(messages[1]!.content), /^question/)
    assert.match(textOf(messages.at(-1)!.content), /And now/)
    assert.ok(found.tokens <= 700 && found.tokens > 500, `${found.tokens} is near the target`)
  })

  it('that fits goes out as it is', () => {
    const items = asItems([...turns(3), says('And now?')])
    const found = fit({ items, limit: 1_000, size, reader })
    assert.deepEqual(found?.cut, { from: 0, short: 0 })
    assert.equal(found.moved, false)
    assert.deepEqual(
      sent(items, found, 1_000),
      items.map(({ message }) => message),
    )
  })

  it('keeps what is pinned, an answer together with what its tools gave', () => {
    const history = [says('old'), answers('looks', 'c1'), gives('c1', 'found it'), answers('so it is'), ...turns(20)]
    const items = asItems([...history, says('And now?')], [1])
    const found = fit({ items, limit: 1_000, size, reader })
    assert.ok(found)
    const messages = sent(items, found, 1_000)
    assert.deepEqual(
      messages.slice(0, 4).map(({ role }) => role),
      ['user', 'assistant', 'tool', 'user'],
    )
    assert.match(JSON.stringify(messages[2]), /found it/)
    assert.match(textOf(messages[3]!.content), /left out/)
    assert.doesNotMatch(words(messages), /so it is/)
  })

  it('of one long turn of tools keeps the task, its pairs, and the newest result whole', () => {
    const steps = Array.from({ length: 12 }, (_, at) => [
      answers(`step ${at}`, `c${at}`),
      gives(`c${at}`, `result ${at} ${'z'.repeat(2_000)}`),
    ])
    const items = asItems([...turns(4), says('Do all of it'), ...steps.flat()])
    const found = fit({ items, limit: 4_000, size, reader })
    assert.ok(found)
    const messages = sent(items, found, 4_000)
    assert.match(words(messages), /Do all of it/)
    assert.match(JSON.stringify(messages.at(-1)), /z{2000}/)
    assert.match(JSON.stringify(messages), /Shortened to fit the context window/)
    assert.equal(messages.filter(({ role }) => role === 'tool').length, 12)
  })

  it('of a turn whose very calls are too many loses its oldest steps, and never the task', () => {
    const steps = Array.from({ length: 60 }, (_, at) => [
      answers(`step ${at} ${'w'.repeat(300)}`, `c${at}`),
      gives(`c${at}`, 'ok'),
    ])
    const items = asItems([says('Do all of it'), ...steps.flat()])
    const found = fit({ items, limit: 2_000, size, reader })
    assert.ok(found)
    const messages = sent(items, found, 2_000)
    assert.match(words(messages), /Do all of it/)
    assert.match(words(messages), /step 59/)
    assert.doesNotMatch(words(messages), /step 3 /)
  })

  it('keeps the task of a turn when the person adds something while it runs', () => {
    const steps = (from: number): Message[] =>
      Array.from({ length: 20 }, (_, at) => [
        answers(`step ${from + at} ${'w'.repeat(300)}`, `c${from + at}`),
        gives(`c${from + at}`, 'ok'),
      ]).flat()
    const items = asItems([says('The task'), ...steps(0), says('And use tabs'), ...steps(20)])
    const found = fit({ items, limit: 2_000, size, reader })
    assert.match(words(sent(items, found!, 2_000)), /The task.*And use tabs/)
  })

  it('does not fit where not even the last message does', () => {
    const items = asItems([...turns(3), says('long '.repeat(2_000))])
    assert.equal(fit({ items, limit: 1_000, size, reader }), undefined)
  })

  it('goes out whole again where the window is much larger', () => {
    const items = asItems([...turns(20), says('And now?')])
    const small = fit({ items, limit: 1_000, size, reader })
    const large = fit({ items, limit: 100_000, size, reader, before: small!.cut })
    assert.deepEqual([large?.cut, large?.moved], [{ from: 0, short: 0 }, true])
  })

  it('is cut in no time, however long it is', () => {
    const items = asItems([...turns(5_000), says('And now?')])
    const time = worked(() => assert.ok(fit({ items, limit: 10_000, size, reader })))
    assert.ok(time < 1_500, `${time} ms`)
  })
})

describe('A summary', () => {
  const digest: Digest = { id: 's', through: 'm7', text: 'They spoke of x and y.' }

  it('stands for all up to its last message', () => {
    const items = asItems([...turns(6), says('And now?')])
    const found = fit({ items, limit: 10_000, size, reader, digest })
    const messages = sent(items, found!, 10_000)
    assert.match(textOf(messages[0]!.content), /They spoke of x and y/)
    assert.match(textOf(messages[1]!.content), /^question 4/)
  })

  it('is left out where it would be in the way of the last message', () => {
    const items = asItems([...turns(6), says('And now? '.repeat(80))])
    const found = fit({ items, limit: 260, size, reader, digest: { ...digest, text: 'long '.repeat(400) } })
    assert.match(words(sent(items, found!, 260)), /And now/)
  })

  it('of all there is leaves the last words of the person where they are', () => {
    const items = asItems([says('One question'), answers('An answer')])
    const found = fit({ items, limit: 1_000, size, reader, digest: { ...digest, through: 'm1' } })
    assert.match(words(sent(items, found!, 1_000)), /spoke of.*One question/)
  })

  it('of another branch counts for nothing', () => {
    const items = asItems([...turns(2), says('And now?')])
    const found = fit({ items, limit: 10_000, size, reader, digest: { ...digest, through: 'elsewhere' } })
    assert.deepEqual(
      sent(items, found!, 10_000),
      items.map(({ message }) => message),
    )
  })
})

const text = fc.integer({ min: 1, max: 3_000 }).map((length) => 'lorem '.repeat(Math.ceil(length / 6)).slice(0, length))
const turn = (at: number): fc.Arbitrary<Message[]> =>
  fc
    .tuple(text, fc.array(fc.tuple(text, text), { maxLength: 5 }), text)
    .map(([question, steps, answer]) => [
      says(`Q${at} ${question}`),
      ...steps.flatMap(([said, result], step) => [answers(said, `c${at}-${step}`), gives(`c${at}-${step}`, result)]),
      answers(`A${at} ${answer}`),
    ])
const conversation = fc
  .integer({ min: 1, max: 12 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => turn(at))))

describe('Whatever the history and the window', function () {
  this.timeout(120_000)

  for (const speaker of speakers) {
    it(`the request to ${speaker.provider} is within it, valid, and keeps the last words of the person`, async () => {
      const property = fc.asyncProperty(
        fc.array(histories(speaker, speakers), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 40, max: 1_500 }),
        fc.array(fc.nat(30), { maxLength: 3 }),
        fc.boolean(),
        async (parts, limit, pinned, summarised) => {
          const items = asItems(parts.flat(), pinned)
          const digest = summarised ? { id: 's', through: `m${items.length >> 1}`, text: 'What was said.' } : undefined
          const found = fit({ items, limit, size, reader: speaker, ...(digest && { digest }) })
          if (!found) return
          const messages = toMessages(viewOf(items, found.cut, limit).messages, speaker)
          assert.ok(size(messages) <= limit, `${size(messages)} of ${limit}`)
          assert.equal(size(messages), found.tokens)
          assert.match(textOf(messages.at(-1)!.content), /And now\?/)
          for (const at of pinned)
            if (items[at]?.message.role === 'user')
              assert.ok(messages.includes(items[at].message), 'pinned words are there')
          const body = await requestFor(speaker, messages)
          rules[speaker.dialect]?.(body)
          assertWellFormed(body)
        },
      )
      await fc.assert(property, { numRuns: 120 })
    })
  }

  it('it fits as long as the last message, what is pinned and the rules do', () => {
    const property = fc.property(conversation, fc.integer({ min: 60, max: 9_000 }), (rounds, limit) => {
      const items = asItems([...rounds.flat(), says('And now?')])
      const found = fit({ items, limit, size, reader })
      assert.ok(found, 'a short last message fits into any of these windows')
      assert.ok(found.tokens <= limit)
    })
    fc.assert(property, { numRuns: 300 })
  })

  it('the beginning of the request stays as it was from one request to the next, unless the window forces it', () => {
    const property = fc.property(conversation, fc.integer({ min: 200, max: 9_000 }), (rounds, limit) => {
      const all = rounds.flat()
      let before: Cut | undefined
      let last: Message[] | undefined
      for (let end = 1; end <= all.length; end++) {
        // A request goes out after words of the person and after results.
        if (all[end - 1]?.role === 'assistant') continue
        const items = asItems(all.slice(0, end))
        const found: Fit | undefined = fit({ items, limit, size, reader, ...(before && { before }) })
        if (!found) return
        const messages = sent(items, found, limit)
        if (last && before) {
          const unchanged = sent(items, { ...found, cut: before }, limit)
          if (size(unchanged) <= limit) assert.deepEqual(messages.slice(0, last.length), last)
          else assert.ok(found.moved)
        }
        before = found.cut
        last = messages
      }
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('the beginning moves seldom: far at a time', () => {
    const all = turns(300)
    let [before, moves]: [Cut | undefined, number] = [undefined, 0]
    for (let end = 1; end <= all.length; end += 2) {
      const found: Fit = fit({
        items: asItems(all.slice(0, end)),
        limit: 5_000,
        size,
        reader,
        ...(before && { before }),
      })!
      if (found.moved) moves++
      before = found.cut
    }
    assert.ok(moves > 5 && moves < 30, `${moves} moves in 300 turns`)
  })
})
