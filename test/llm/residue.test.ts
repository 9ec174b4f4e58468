import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../src/shared/json.ts'
import { residueOf, restore } from '../../src/llm/residue.ts'

const json = () => fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)
/** Pairs that share much of their structure, as a raw item and what we rebuild of it do. */
const related = () =>
  fc
    .tuple(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'set', 'value', '0'), json()), json(), json())
    .chain(([base, x, y]) =>
      fc.constantFrom<[Json, Json]>(
        [
          { ...base, a: x },
          { ...base, b: y },
        ],
        [
          [base, x],
          [base, y],
        ],
        [base, y],
        [x, base],
      ),
    )

describe('The residue of a value', () => {
  it('restores any value from any other, after a trip through storage', () => {
    fc.assert(
      fc.property(fc.oneof(related(), fc.tuple(json(), json())), (pair) => {
        // Through JSON, because the arbitraries make objects without a prototype.
        const [raw, rebuilt] = JSON.parse(JSON.stringify(pair)) as [Json, Json]
        const residue = residueOf(raw, rebuilt)
        const stored = residue === undefined ? undefined : (JSON.parse(JSON.stringify(residue)) as Json)
        assert.deepEqual(restore(rebuilt, stored), raw)
      }),
      { numRuns: 500 },
    )
  })

  it('is nothing where the value was rebuilt whole', () => {
    fc.assert(fc.property(json(), (value) => assert.equal(residueOf(value, structuredClone(value)), undefined)))
  })

  it('holds no field that was rebuilt', () => {
    const long = 'x'.repeat(1000)
    const residue = residueOf(
      { id: '1', content: [{ type: 'text', text: long, more: 1 }] },
      { content: [{ text: long }] },
    )
    assert.ok(!JSON.stringify(residue).includes(long))
  })
})
