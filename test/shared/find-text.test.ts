import assert from 'node:assert/strict'
import fc from 'fast-check'
import { placesOf, plain, readingOf } from '../../src/shared/find-text.ts'
import type { MessageView } from '../../src/shared/view.ts'

const stored = (id: string, message: object): MessageView =>
  ({ id, conversation: 'c', parent: null, createdAt: 0, state: 'done', message }) as MessageView
const asks = (id: string, text: string): MessageView => stored(id, { role: 'user', content: [{ type: 'text', text }] })
const answers = (id: string, text: string, more: object = {}): MessageView =>
  stored(id, { role: 'assistant', content: [{ type: 'text', text }], stop: { kind: 'aborted' }, ...more })

describe('the places of words in a text', () => {
  it('are where they stand, none within another, with and without regard to case', () => {
    assert.deepEqual(placesOf('aaa AAA', 'aa', false), [0, 4])
    assert.deepEqual(placesOf('aaa AAA', 'AA', true), [4])
    assert.deepEqual(placesOf('abc', '', false), [])
  })

  it('are right whatever the letters: lower case may be longer than upper', () => {
    assert.deepEqual(placesOf('İİ find', 'FIND', false), [3])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 1 }), (before, words) => {
        const places = placesOf(before + words, words, true)
        assert.ok(places.length > 0)
        for (const place of places) assert.equal((before + words).slice(place, place + words.length), words)
      }),
    )
  })
})

describe('what is read of a branch', () => {
  it('is what was typed, and answers without the marks of their Markdown', () => {
    const read = readingOf([
      asks('u', '**as typed**'),
      answers('a', '# Title\n\n- **bold** [link](https://x.y)\n\n```ts\nconst *a* = 1\n```'),
    ])
    assert.deepEqual(read, [
      { message: 'u', text: '**as typed**' },
      { message: 'a', text: 'Title\n\nbold link\n\nconst *a* = 1' },
    ])
  })

  it('is one text of answers that go on from each other, under the first', () => {
    const read = readingOf([
      asks('u', 'Go'),
      answers('a', 'It is lo'),
      answers('b', 'It is long.', { goesOn: 'asked' }),
      answers('c', 'New.'),
    ])
    assert.deepEqual(read.slice(1), [
      { message: 'a', text: 'It is long.' },
      { message: 'c', text: 'New.' },
    ])
  })

  it('leaves names with underscores and sums alone', () => {
    assert.equal(plain('call snake_case_name and 2 * 3 * 4'), 'call snake_case_name and 2 * 3 * 4')
    assert.equal(plain('an _important_ word and `code`'), 'an important word and code')
  })
})
