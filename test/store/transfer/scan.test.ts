import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../../src/shared/json.ts'
import { BadFile } from '../../../src/store/transfer/bad-file.ts'
import type { Item } from '../../../src/store/transfer/scan.ts'
import { Scanner } from '../../../src/store/transfer/scan.ts'
import { anyJson } from '../arbitraries.ts'
import { cutInto } from '../support.ts'

/** The items of a document that comes in these pieces. */
function scan(...pieces: string[]): Item[] {
  const items: Item[] = []
  const scanner = new Scanner((item) => items.push(item))
  for (const piece of pieces) scanner.push(piece)
  scanner.end()
  return items
}

/** What the items of a whole document must be. */
function itemsOf(document: Json): Item[] {
  if (Array.isArray(document)) return document.map((value) => ({ element: false, value }))
  return Object.entries(document as Record<string, Json>).flatMap(([key, value]): Item[] =>
    Array.isArray(value) ? value.map((one) => ({ key, element: true, value: one })) : [{ key, element: false, value }],
  )
}

const anyDocument = fc
  .oneof(fc.array(anyJson), fc.dictionary(fc.string(), fc.oneof(anyJson, fc.array(anyJson))))
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)

describe('the scanner of exports', () => {
  it('gives the items of any document, in whatever pieces it comes and however it is spaced', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(fc.nat()), fc.constantFrom(0, 1, '\t'), (document, cuts, space) => {
        const text = ` ${JSON.stringify(document, null, space)}\n`
        const pieces = cutInto([...text], cuts).map((signs) => signs.join(''))
        assert.deepEqual(scan(...pieces), itemsOf(document))
      }),
    )
  })

  it('takes no beginning of a document for a whole one', () => {
    fc.assert(
      fc.property(anyDocument, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (document, part) => {
        const text = JSON.stringify(document)
        assert.throws(() => scan(text.slice(0, Math.floor(text.length * part))), BadFile)
      }),
    )
  })

  it('takes no document that JSON would not take', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '1', 'null', ' ', '\\', '-', 'x', '"b":2')
    fc.assert(
      fc.property(fc.array(pieces), (signs) => {
        const text = signs.join('')
        const parsed = ((): Json | undefined => {
          try {
            return JSON.parse(text) as Json
          } catch {
            return undefined
          }
        })()
        const isDocument = typeof parsed === 'object' && parsed !== null
        if (isDocument) scan(text)
        else assert.throws(() => scan(text), BadFile)
      }),
      { numRuns: 2_000 },
    )
  })

  it('says of a document what is wrong with it', () => {
    assert.throws(() => scan(''), /empty/)
    assert.throws(() => scan('[{"a":1}, {"b"'), /cut off/)
    assert.throws(() => scan('hello'), /no JSON/)
    assert.throws(() => scan(`[${'['.repeat(300)}${']'.repeat(300)}]`), /nested too deeply/)
  })
})
