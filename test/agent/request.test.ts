import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  CONTINUE,
  continueFrom,
  FALLBACK_OUTPUT_TOKENS,
  goesOnFromWords,
  maxOutputTokensFor,
  toMessages,
} from '../../src/agent/request.ts'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { AssistantMessage, Message } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import { origin } from '../shared/events.ts'

const store = (message: Message): StoredMessage => ({
  id: '',
  conversation: '',
  parent: null,
  createdAt: 0,
  state: 'done',
  message,
})
const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const assistant = (text: string): Message => ({
  role: 'assistant',
  content: text === '' ? [] : [{ type: 'text', text }],
  origin,
  stop: { kind: 'aborted' },
  usage: noUsage(),
})
const build = (...messages: Message[]): Message[] => toMessages(messages.map(store))

describe('the messages of a request', () => {
  it('are those of the branch', () => {
    const branch = [user('a'), assistant('b'), user('c')]
    assert.deepEqual(build(...branch), branch)
  })

  it('ask to go on where an answer follows an answer', () => {
    const messages = build(user('a'), assistant('par'), assistant('tial'), user('c'))
    assert.deepEqual(messages, [user('a'), assistant('par'), user(continueFrom('par')), assistant('tial'), user('c')])
  })

  it('ask to go on where the branch ends with a partial answer, from its last words where it has some', () => {
    const thinking: Message = { ...assistant(''), content: [{ type: 'thinking', text: 'Hm' }] } as Message
    assert.deepEqual(build(user('a'), assistant('par ')).at(-1), user(continueFrom('par')))
    assert.deepEqual(build(user('a'), thinking).at(-1), user(CONTINUE))
    const goesOn = (...branch: Message[]) => goesOnFromWords(branch.map(store))
    assert.deepEqual(
      [
        goesOn(user('a'), assistant('par')),
        goesOn(user('a'), thinking),
        goesOn(user('a')),
        goesOn(assistant('b'), user('a')),
      ],
      [true, false, false, false],
    )
    assert.equal(goesOn(user('a'), assistant('par'), assistant('')), true)
  })

  describe('of an answer that goes on from another', () => {
    const whole = (content: AssistantMessage['content']): Message => ({
      ...(assistant('') as AssistantMessage),
      content,
    })
    const goingOn = (text: string, more: Partial<AssistantMessage> = {}): Message =>
      ({ ...assistant(text), stop: { kind: 'done' }, goesOn: 'asked', ...more }) as Message

    it('hold the two as one, without what was repeated', () => {
      const messages = build(user('a'), assistant('a par'), goingOn('a partial'), user('c'))
      assert.deepEqual(messages[1], { ...assistant('a partial'), stop: { kind: 'done' } })
      assert.deepEqual(messages[2], user('c'))
      assert.deepEqual(build(user('a'), assistant('par'), goingOn('par tial'), goingOn('par tial it is')).length, 2 + 1)
    })

    it('keep them apart where a provider sealed the text, where another one went on, and where thinking stands between', () => {
      const sealed = whole([{ type: 'text', text: 'par', wire: { id: 'x' } }])
      const elsewhere = goingOn('par tial', { origin: { ...origin, provider: 'another' } })
      const thought = goingOn('', {
        content: [
          { type: 'thinking', text: 'Hm' },
          { type: 'text', text: 'par tial' },
        ],
      })
      for (const [first, second] of [
        [sealed, goingOn('par tial')],
        [assistant('par'), elsewhere],
        [assistant('par'), thought],
      ] as const)
        assert.deepEqual(build(user('a'), first, second, user('b')), [
          user('a'),
          first,
          user(continueFrom('par')),
          second,
          user('b'),
        ])
    })

    it('say that a message is gone between two whole answers', () => {
      const done = (text: string): Message => ({ ...assistant(text), stop: { kind: 'done' } }) as Message
      assert.match(JSON.stringify(build(user('a'), done('One.'), done('Two.'))[2]), /was deleted/)
    })
  })

  it('leave out answers that never began', () => {
    assert.deepEqual(build(user('a'), assistant(''), user('b')), [user('a'), user('b')])
  })

  describe('of a provider that paused in its own work', () => {
    const paused: Message = { ...assistant('par'), stop: { kind: 'paused' } } as Message
    const messages = (reader?: { provider: string; dialect: string }) =>
      toMessages([user('a'), paused, assistant('tial')].map(store), reader)

    it('stand as they are for itself, and ask every other to go on', () => {
      assert.deepEqual(messages(origin).length, 3 + 1)
      assert.deepEqual(messages(origin)[2], assistant('tial'))
      assert.deepEqual(messages()[2], user(continueFrom('par')))
      assert.deepEqual(messages({ ...origin, provider: 'another' })[2], user(continueFrom('par')))
      assert.deepEqual(toMessages([user('a'), paused].map(store), origin).at(-1), paused)
    })
  })

  describe('with a call whose arguments are no JSON', () => {
    const call = { type: 'tool-call' as const, id: 'c', name: 'look', ranBy: 'host' as const, json: '{"ha' }
    const calling: Message = { ...assistant(''), content: [call] } as Message
    const result = { type: 'tool-result' as const, callId: 'c', name: 'look', ranBy: 'host' as const, output: [] }

    it('hold it without arguments where its result says what was wrong', () => {
      const answered = build(user('a'), calling, { role: 'tool', content: [result] })
      assert.deepEqual(answered[1], { ...calling, content: [{ ...call, json: '{}', input: {} }] })
    })

    it('leave it as it is where nobody answered it, for the repair to drop', () => {
      assert.deepEqual(build(user('a'), calling, user('b'))[1], calling)
    })
  })
})

describe('the limit of an answer', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined })
  const model = (maxOutputTokens: number | undefined) => ({
    id: 'm',
    provider: 'openai',
    name: 'm',
    source: 'provider' as const,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  })

  it('is the conversation’s, else the setting’s, else the model’s, else the fallback, and never above the model’s', () => {
    fc.assert(
      fc.property(limit, limit, limit, (own, conversation, setting) => {
        const tokens = maxOutputTokensFor(model(own), conversation, setting)
        const wanted = conversation ?? setting ?? own ?? FALLBACK_OUTPUT_TOKENS
        assert.equal(tokens, Math.min(wanted, own ?? Infinity))
      }),
    )
  })
})
