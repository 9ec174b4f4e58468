import assert from 'node:assert/strict'
import fc from 'fast-check'
import { repair } from '../../src/llm/repair.ts'
import type { AssistantMessage, Block, Message, Stop, ToolCall } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'

const answer = (content: Block[], dialect = 'here', stop: Stop = { kind: 'done' }): AssistantMessage => ({
  role: 'assistant',
  content,
  origin: { provider: 'p', dialect, model: 'm' },
  stop,
  usage: noUsage(),
})
const call = (id: string, more: Partial<ToolCall> = {}): ToolCall => {
  return { type: 'tool-call', id, name: 'tool', ranBy: 'host', json: '{}', input: {}, ...more }
}
const text = (words: string) => ({ type: 'text' as const, text: words })
const result = (callId: string) => {
  return { type: 'tool-result' as const, callId, name: 'tool', ranBy: 'host' as const, output: [text('ok')] }
}

const question: Message = { role: 'user', content: [text('question')] }

const ids = fc.constantFrom('a', 'b', 'c')
const dialects = fc.constantFrom('here', 'there')
const wire = fc.option(fc.constant({ set: { x: 1 } }), { nil: undefined })
const sealed = <T extends object>(block: fc.Arbitrary<T>) =>
  fc.tuple(block, wire).map(([each, seal]) => (seal ? { ...each, wire: seal } : each))
const ranBy = fc.constantFrom('host' as const, 'provider' as const)
const blocks: fc.Arbitrary<Block> = fc.oneof(
  sealed(fc.string({ maxLength: 3 }).map(text)),
  sealed(fc.string({ maxLength: 3 }).map((words) => ({ type: 'thinking' as const, text: words }))),
  sealed(
    fc.tuple(ids, ranBy, fc.boolean()).map(([id, by, valid]): Block => {
      const { input, ...broken } = call(id, { ranBy: by })
      return valid ? { ...broken, input: input ?? {} } : broken
    }),
  ),
  sealed(fc.tuple(ids, ranBy).map(([id, by]): Block => ({ ...result(id), ranBy: by }))),
  sealed(fc.constant<Block>({ type: 'other', kind: 'new' })),
)
const messages: fc.Arbitrary<Message[]> = fc.array(
  fc.oneof(
    fc
      .array(fc.string({ maxLength: 3 }).map(text), { maxLength: 2 })
      .map((content) => ({ role: 'user' as const, content })),
    fc.tuple(fc.array(blocks, { maxLength: 5 }), dialects).map(([content, dialect]) => answer(content, dialect)),
    fc.array(ids.map(result), { maxLength: 3 }).map((content) => ({ role: 'tool' as const, content })),
  ),
  { maxLength: 8 },
)

describe('the repair of a history', () => {
  it('makes any history one that a dialect can translate block by block', () => {
    fc.assert(
      fc.property(messages, (history) => {
        const before = JSON.stringify(history)
        const repaired = repair(history, 'here')
        assert.equal(JSON.stringify(history), before, 'the history itself is not changed')
        assertFit(repaired)
        assert.deepEqual(repair(repaired, 'here'), repaired, 'a repaired history needs no repair')
      }),
      { numRuns: 500 },
    )
  })

  it('leaves a sound conversation of the same dialect as it is', () => {
    const sound: Message[] = [
      { role: 'user', content: [text('question')] },
      answer([{ type: 'thinking', text: 'hm', wire: { set: { signature: 's' } } }, text('let me look'), call('a')]),
      { role: 'tool', content: [result('a')] },
      answer([text('answer')]),
    ]
    assert.deepEqual(repair(sound, 'here'), sound)
  })

  it('closes a call whose result never came, right after the message that made it', () => {
    const calls = answer([call('a'), call('b')])
    const [, , results] = repair([question, calls, { role: 'tool', content: [result('b')] }], 'here')
    assert.ok(results?.role === 'tool')
    assert.deepEqual(
      results.content.map(({ callId, failed }) => [callId, failed]),
      [
        ['a', true],
        ['b', undefined],
      ],
    )
  })

  it('keeps the text and the calls of another dialect, without thinking, seals and its own tools', () => {
    const foreign = answer(
      [
        { type: 'thinking', text: 'hm', wire: { set: { signature: 's' } } },
        { ...text('found it'), wire: { set: { citations: [] } } },
        call('search', { ranBy: 'provider' }),
        { ...result('search'), ranBy: 'provider' },
        call('abcDEF123'),
      ],
      'there',
    )
    const [, kept] = repair([question, foreign, { role: 'tool', content: [result('abcDEF123')] }], 'here')
    assert.deepEqual(kept?.content, [text('found it'), call('abcDEF123')])
  })

  it('keeps a result that a provider brings in the message after it paused', () => {
    const paused = answer([call('search', { ranBy: 'provider' })], 'here', { kind: 'paused' })
    const next = answer([{ ...result('search'), ranBy: 'provider' }, text('done')])
    assert.deepEqual(repair([question, paused, next], 'here'), [question, paused, next])
  })

  it('takes an answer of another provider for a foreign one, though the dialect is the same', () => {
    const thinking = { type: 'thinking' as const, text: 'hm', wire: { set: { signature: 's' } } }
    const history = [question, answer([thinking, text('yes')])]
    assert.deepEqual(repair(history, 'here', 'p'), history)
    assert.deepEqual(repair(history, 'here', 'q')[1]?.content, [text('yes')])
  })

  it('gives the calls of other providers ids and names that every API takes, each id once', () => {
    const made = ['call_0', 'call_0', 'x'.repeat(80), ''].map((id) => answer([call(id, { name: 'fs.read' })], 'there'))
    const answers = repair([question, ...made], 'here').filter(({ role }) => role === 'assistant')
    const calls = answers.flatMap(({ content }) => content) as ToolCall[]
    assert.equal(new Set(calls.map(({ id }) => id)).size, 4)
    for (const { id, name } of calls) {
      // Mistral's rule for ids, the narrowest of all.
      assert.match(id, /^[a-zA-Z0-9]{9}$/)
      assert.equal(name, 'fs_read')
    }
  })

  it('begins with the user, and lets nobody speak twice in a row without need', () => {
    const say = (words: string): Message => ({ role: 'user', content: [text(words)] })
    const [first, ...more] = repair([answer([text('yes')]), say('a'), say(' '), answer([]), say('b')], 'here')
    assert.equal(first?.role, 'user')
    assert.deepEqual(more, [answer([text('yes')]), { role: 'user', content: [text('a'), text('b')] }])
  })
})

function assertFit(repaired: Message[]): void {
  const made = new Set<string>()
  for (const [at, message] of repaired.entries()) {
    assert.ok(message.content.length > 0, 'no message is empty')
    if (message.role !== 'assistant') continue
    const foreign = message.origin.dialect !== 'here'
    for (const block of message.content) {
      if (foreign) assert.ok(block.wire === undefined && block.type !== 'thinking', 'nothing foreign is left')
      if (block.type === 'tool-call') assert.ok(block.input !== undefined, 'every call has input')
      if (block.type === 'tool-call') made.add(block.id)
      if (block.type === 'tool-result') assert.ok(made.has(block.callId), 'every result has its call')
    }
    const calls = message.content.filter((block) => block.type === 'tool-call' && block.ranBy === 'host') as ToolCall[]
    const owed = calls.map(({ id }) => id)
    const next = repaired[at + 1]
    const given = next?.role === 'tool' ? next.content.map(({ callId }) => callId) : []
    assert.deepEqual(given, owed, 'every host call has one result, right after it')
  }
  for (const [at, message] of repaired.entries()) {
    if (message.role === 'tool') assert.equal(repaired[at - 1]?.role, 'assistant', 'results follow their answer')
  }
}
