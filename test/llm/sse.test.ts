import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ServerSentEvent } from '../../src/llm/sse.ts'
import { EventReader, eventsOf } from '../../src/llm/sse.ts'
import { chunked } from '../shared/events.ts'

const line = () => fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ' '))
const event = () =>
  fc.record({
    event: fc.constantFrom('', 'ping', 'message_start'),
    lines: fc.array(line(), { minLength: 1, maxLength: 3 }),
    comment: fc.boolean(),
  })

const write = (events: { event: string; lines: string[]; comment: boolean }[], newline: string): string =>
  events
    .flatMap(({ event, lines, comment }) => [
      ...(comment ? [': a comment', 'id: 7', 'nonsense'] : []),
      ...(event ? [`event: ${event}`] : []),
      ...lines.map((text) => `data: ${text}`),
      '',
    ])
    .map((text) => text + newline)
    .join('')

describe('reading server-sent events', () => {
  it('gives the same events however the bytes are cut, with any end of line', () => {
    const newline = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(fc.array(event()), newline, fc.array(fc.nat(), { maxLength: 30 }), (events, end, cuts) => {
        const reader = new EventReader()
        const bytes = [...Buffer.from(write(events, end))]
        const read = chunked(bytes, cuts).flatMap((part) => reader.push(Uint8Array.from(part)))
        assert.deepEqual(
          // A last lone carriage return may be half of an end of line: its event comes with the end.
          [...read, ...reader.end()],
          events.map(({ event, lines }): ServerSentEvent => ({ event, data: lines.join('\n') })),
        )
      }),
    )
  })

  it('takes a line feed for the end of the carriage return just before it only, also where it is read alone', () => {
    const reader = new EventReader()
    const read = ['data: 1\r', '\n', '\ndata: 2\n\n'].flatMap((text) => reader.push(Buffer.from(text)))
    assert.deepEqual(
      read.map(({ data }) => data),
      ['1', '2'],
    )
  })

  it('takes what is left at the end only where it is whole', () => {
    const left = (text: string): ServerSentEvent[] => {
      const reader = new EventReader()
      return [...reader.push(Buffer.from(text)), ...reader.end()]
    }
    assert.deepEqual(left('data: {"a":1}'), [{ event: '', data: '{"a":1}' }])
    assert.deepEqual(left('data: {"a":'), [])
  })

  it('takes JSON outside of any event for the data of one, and no other words', () => {
    const reader = new EventReader()
    const error = JSON.stringify({ error: { message: 'It broke' } }, null, 2)
    const bytes = `data: 1\n\n${error}\n\nwords\n\n7\n\ndata: 2\nnonsense\n\n{"half\n\n${error}`
    const read = [...reader.push(Buffer.from(bytes)), ...reader.end()]
    assert.deepEqual(
      read.map(({ data }) => data),
      ['1', error, '2', error],
    )
  })

  it('hands on the error of a body that breaks, after the events that came before', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('data: one\n\ndata: two\n\n')),
      pull: (controller) => controller.error(new Error('broken')),
    })
    const seen: string[] = []
    await assert.rejects(async () => {
      for await (const data of eventsOf(body, ({ data }) => data)) seen.push(data)
    }, /broken/)
    assert.deepEqual(seen, ['one', 'two'])
  })

  it('lets go of the body when its reader leaves', async () => {
    let cancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('data: one\n\n')),
      cancel: () => void (cancelled = true),
    })
    for await (const data of eventsOf(body, ({ data }) => data)) if (data === 'one') break
    assert.ok(cancelled)
  })
})
