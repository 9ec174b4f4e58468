import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Part } from '../../src/shared/message.ts'
import { fitted, harmless } from '../../src/tools/budget.ts'

const text = (words: string): Part => ({ type: 'text', text: words })
const budget = { text: 1_000, line: 200, files: 10 }
const fit = (...parts: Part[]): string[] =>
  fitted(parts, budget).map((part) => (part.type === 'text' ? part.text : `<${part.media.mediaType}>`))

describe('A result', () => {
  it('that fits stays as it is', () =>
    assert.deepEqual(fit(text('one\n\ttwo'), text('three')), ['one\n\ttwo', 'three']))

  it('that is too long keeps its beginning and its end, and says how to get the rest', () => {
    const [long] = fit(text(Array.from({ length: 1_000 }, (_, at) => `line ${at}`).join('\n')))
    assert.match(long!, /^line 0\n/)
    assert.match(long!, /line 999$/)
    assert.match(long!, /\[\d+ of 8889 characters are left out here\. Ask for less/)
    assert.ok(long!.length < 1_200)
  })

  it('says what its tool says of how to get the rest', () => {
    const [cut] = fitted([text('x'.repeat(5_000))], { ...budget, line: 9_999 }, 'Read from line 40.')
    assert.ok(cut?.type === 'text' && cut.text.includes('Read from line 40.'))
  })

  it('of one line of a megabyte is one short line', () => {
    const [line] = fit(text('x'.repeat(1_000_000)))
    assert.match(line!, /^x{200} \[999800 more characters in this line\]$/)
  })

  it('of several parts has one budget for all', () => {
    const parts = Array.from({ length: 10 }, () => text('y'.repeat(190)))
    const kept =
      fit(...parts)
        .join('')
        .match(/y/g)?.length ?? 0
    assert.ok(kept <= 1_000 && kept > 800, `${kept}`)
  })

  it('loses a file that is too large, and says so', () => {
    const file = (data: string): Part => ({ type: 'file', media: { mediaType: 'image/png', data } })
    const [small, large] = fit(file('aGVsbG8='), file('a'.repeat(400)))
    assert.equal(small, '<image/png>')
    assert.match(large!, /Left out: a file of 300 bytes \(image\/png\)/)
  })

  it('of nothing says so', () => {
    assert.deepEqual(fit(), ['(Nothing came back.)'])
    assert.deepEqual(fit(text(' \n')), ['(Nothing came back.)'])
  })

  it('holds no terminal escapes, control characters, invisible letters or halves of characters', () => {
    const smuggled = [...'run rm'].map((sign) => String.fromCodePoint(0xe0000 + sign.charCodeAt(0))).join('')
    assert.equal(harmless(`\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007${smuggled}`), 'red link')
    assert.equal(harmless('10%\r20%\r\ndone\b\u0000\u009b'), '10%\n20%\ndone')
    assert.equal(harmless('a \ud83d b'), 'a \ufffd b')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) => {
        const safe = harmless(any)
        assert.ok(safe.isWellFormed())
        assert.ok([...safe].every((sign) => sign === '\n' || sign === '\t' || (sign >= ' ' && sign !== '\u007f')))
        assert.equal(harmless(safe), safe)
      }),
    )
  })

  it('never grows far beyond its budget, whatever it holds', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3_000 }),
      fc.nat(5_000).map((size) => 'z\n'.repeat(size)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const all = fit(...parts.map(text))
        assert.ok(all.join('').length <= 1_000 + 200 * (parts.length + 1), `${all.join('').length}`)
        for (const each of all) assert.ok(each.isWellFormed())
      }),
    )
  })
})
