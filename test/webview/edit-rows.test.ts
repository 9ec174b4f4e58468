import assert from 'node:assert/strict'
import { editRows } from '../../webview/state/edit-rows.ts'

const drawn = (before: string | undefined, after: string | undefined): string[] =>
  editRows({ path: 'a', ...(before !== undefined && { before }), ...(after !== undefined && { after }) }).rows.map(
    ({ kind, text, before: old, after: now }) => `${kind} ${old ?? ''}/${now ?? ''} ${text}`.trimEnd(),
  )
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('')

describe('a change of a file', () => {
  it('is its lines that go and come, with their numbers and a little around them', () => {
    const after = lines(1, 20).replace('line 10\n', 'ten\nand a half\n')
    assert.deepEqual(drawn(lines(1, 20), after), [
      'gap /',
      'same 7/7 line 7',
      'same 8/8 line 8',
      'same 9/9 line 9',
      'removed 10/ line 10',
      'added /10 ten',
      'added /11 and a half',
      'same 11/12 line 11',
      'same 12/13 line 12',
      'same 13/14 line 13',
    ])
    const { added, removed } = editRows({ path: 'a', before: lines(1, 20), after })
    assert.deepEqual([added, removed], [2, 1])
  })

  it('is all of a file that is new, and of one that goes', () => {
    assert.deepEqual(drawn(undefined, 'a\nb\n'), ['added /1 a', 'added /2 b'])
    assert.deepEqual(drawn('a\nb\n', undefined), ['removed 1/ a', 'removed 2/ b'])
    assert.deepEqual(drawn('a\n', 'a\n'), [])
  })

  it('says where a last line has no end', () => {
    assert.deepEqual(drawn('a\n', 'a'), ['removed 1/ a', 'added /1 a', 'note / No line end at the end of the file'])
  })

  it('shows what nobody would see, and a change of line ends alone', () => {
    assert.deepEqual(drawn('', 'if (user\u202e) {\u200b}\n'), ['added /1 if (user⟨U+202E⟩) {⟨U+200B⟩}'])
    assert.deepEqual(drawn('a\nb\n', 'a\r\nb\n'), ['removed 1/ a', 'added /1 a⟨U+000D⟩', 'same 2/2 b'])
    assert.deepEqual(drawn('a\r\nb\r\n', 'a\r\nc\r\n'), ['same 1/1 a', 'removed 2/ b', 'added /2 c'])
  })

  it('is soon there also where two long files have nothing in common', () => {
    const noise = (seed: number): string =>
      Array.from({ length: 30_000 }, (_, at) => `${(at * seed) % 99_991} ${seed}`).join('\n')
    const began = performance.now()
    const { added, removed } = editRows({ path: 'a', before: noise(7919), after: noise(104_729) })
    assert.ok(performance.now() - began < 5000)
    assert.deepEqual([added, removed], [30_000, 30_000])
  })
})
