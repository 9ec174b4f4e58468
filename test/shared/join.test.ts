import assert from 'node:assert/strict'
import fc from 'fast-check'
import { joinContents, joinTexts, lastWords, textOfAnswers } from '../../src/shared/join.ts'
import type { AssistantMessage, Block, GoesOn } from '../../src/shared/message.ts'
import { noUsage } from '../../src/shared/message.ts'
import { origin } from './events.ts'

/** Prose, lists and code of words that are told apart: nothing in it stands twice by itself. */
const word = fc.stringMatching(/^[a-z]{1,9}$/)
const gap = fc.constantFrom(
  ' ',
  ' ',
  ' ',
  ', ',
  '. ',
  '\n',
  '\n\n',
  '\n- ',
  '\n    ',
  '\n```ts\n',
  '(',
  ') => {\n  ',
  '“',
  ' 😀',
)
const prose = fc
  .array(fc.tuple(word, gap), { minLength: 1, maxLength: 60 })
  .map((pieces) => pieces.map(([letters, after], at) => `${letters}${at}${after}`).join(''))
const cut = fc.nat({ max: 10_000 })
const placeIn = (text: string, at: number): number => {
  const place = at % (text.length + 1)
  // A stream holds whole characters.
  return /[\udc00-\udfff]/.test(text[place] ?? '') ? place - 1 : place
}

describe('a text that was cut', () => {
  it('is itself again where a provider wrote on from its last character, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), prose, fc.string({ unit: fc.constantFrom('a', ' ', '\n') })),
        cut,
        (text, at) => {
          const before = text.slice(0, placeIn(text, at))
          // It was given the beginning without the white space at its end.
          assert.equal(joinTexts(before, text.slice(before.trimEnd().length), 'prefilled'), text)
        },
      ),
    )
  })

  it('is itself again where a model repeated its last words, wherever it was cut', () => {
    fc.assert(
      fc.property(prose, cut, fc.constantFrom('', '\n', ' '), (text, at, lead) => {
        const before = text.slice(0, placeIn(text, at))
        const words = lastWords(before)
        fc.pre(words !== '')
        assert.equal(joinTexts(before, lead + words + text.slice(before.trimEnd().length), 'asked'), text)
      }),
    )
  })

  it('is itself again where a model repeated more of it than it was asked to', () => {
    fc.assert(
      fc.property(prose, cut, cut, (text, at, back) => {
        const before = text.slice(0, placeIn(text, at))
        const from = placeIn(text, back % (before.trimEnd().length + 1))
        fc.pre(before.trimEnd().length - from >= 40 && /\S/.test(text[from] ?? ''))
        assert.equal(joinTexts(before, text.slice(from), 'asked'), text)
      }),
    )
  })

  it('is itself again where a model that was asked went straight on', () => {
    fc.assert(
      fc.property(prose, cut, (text, at) => {
        const before = text.slice(0, placeIn(text, at))
        const after = text.slice(before.length)
        // What begins as the last words do is taken for the repeat that was asked for: nobody could tell the two apart.
        const asked = lastWords(before)
        fc.pre(asked === '' || (!after.trimStart().startsWith(asked) && !asked.startsWith(after.trimStart())))
        assert.equal(joinTexts(before, after, 'asked'), text)
      }),
    )
  })

  it('has no gap twice where a model went on from it without the white space at its end', () => {
    for (const gap of [' ', '\n\n', '\n    '])
      assert.equal(joinTexts(`one two${gap}`, `${gap}three`, 'asked'), `one two${gap}three`)
  })

  it('has nothing twice where the answer was cut again while it repeated the last words', () => {
    fc.assert(
      fc.property(prose, cut, cut, (text, at, again) => {
        const before = text.slice(0, placeIn(text, at))
        const words = lastWords(before)
        const part = words.slice(0, placeIn(words, again))
        assert.equal(joinTexts(before, part, 'asked').trimEnd(), before.trimEnd())
      }),
    )
  })

  it('keeps rules and rows that stand twice because the text is so', () => {
    const rule = '='.repeat(20)
    assert.equal(
      joinTexts(`A title\n${rule.repeat(5)}`, `${rule}\nand more`, 'asked'),
      `A title\n${rule.repeat(6)}\nand more`,
    )
  })

  it('shows nothing of what may still be a repeat, and never takes back what it has shown', () => {
    fc.assert(
      fc.property(prose, cut, fc.boolean(), (text, at, repeats) => {
        const before = text.slice(0, placeIn(text, at))
        const after = repeats ? lastWords(before) + text.slice(before.trimEnd().length) : text.slice(before.length)
        let shown = before
        for (let end = 0; end <= after.length; end++) {
          const next = joinTexts(before, after.slice(0, end), 'asked', true)
          // White space at the seam is the only thing that may yet come from the other side.
          assert.ok(next.startsWith(shown.trimEnd()), JSON.stringify([shown, next]))
          shown = next
        }
        assert.ok(joinTexts(before, after, 'asked').startsWith(shown.trimEnd()))
      }),
      { numRuns: 50 },
    )
  })

  it('asks to repeat whole words, few of them', () => {
    assert.equal(lastWords('one two three four five six seven eight '), 'four five six seven eight')
    assert.equal(lastWords('short'), 'short')
    assert.equal(lastWords('x'.repeat(500)).length, 24)
    assert.equal(lastWords(' \n'), '')
  })
})

const answer = (content: Block[], goesOn?: GoesOn): AssistantMessage => ({
  role: 'assistant',
  content,
  origin,
  stop: { kind: 'done' },
  usage: noUsage(),
  ...(goesOn && { goesOn }),
})
const text = (words: string): Block => ({ type: 'text', text: words })
const thinking: Block = { type: 'thinking', text: 'Hm.' }

describe('answers that go on from each other', () => {
  it('are one answer, with what was thought in between before its text', () => {
    const [first, second] = [answer([thinking, text('One tw')]), answer([thinking, text('One two'), thinking], 'asked')]
    assert.deepEqual(joinContents(first, second), [thinking, thinking, text('One two'), thinking])
  })

  it('stay two where the first ends with no text, or the second says that it is an answer of its own', () => {
    assert.equal(joinContents(answer([text('One'), thinking]), answer([text('two')], 'asked')), undefined)
    assert.equal(joinContents(answer([text('One')]), answer([text('two')])), undefined)
    assert.equal(textOfAnswers([answer([text('One')]), answer([text('two')])]), 'One\n\ntwo')
  })

  it('give one text to copy, however often they were cut', () => {
    const whole = '```ts\nconst a = 1\nconst b = 2\n```\nThat is all there is to say.'
    const parts = [answer([text(whole.slice(0, 12))]), answer([text(whole.slice(12, 30))], 'prefilled')]
    parts.push(answer([text(lastWords(whole.slice(0, 30)) + whole.slice(30))], 'asked'))
    assert.equal(textOfAnswers(parts), whole)
  })

  it('move the places that sources are given for', () => {
    const cited: Block = { type: 'text', text: 'two three', citations: [{ url: 'u', start: 4, end: 9 }] }
    const joined = joinContents(answer([text('One two')]), answer([{ ...cited, text: 'One two three' }], 'asked'))
    assert.deepEqual(joined, [{ type: 'text', text: 'One two three', citations: [{ url: 'u', start: 4, end: 9 }] }])
  })
})
