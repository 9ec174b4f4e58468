import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { check } from '../../src/tools/validate.ts'
import { worked } from '../harness/steady.ts'

const problems = (schema: JsonObject, input: Json): string[] => {
  const checked = check(schema, input)
  if (checked.fits) return []
  return 'problems' in checked ? checked.problems : assert.fail(`broken: ${checked.broken}`)
}
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more })

describe('Arguments that do not fit a schema', () => {
  const cases: [what: string, schema: JsonObject, input: Json, sentence: string][] = [
    ['of another type', object({ path: { type: 'string' } }), { path: 7 }, '`path` must be a string.'],
    ['of none of two types', object({ a: { type: ['string', 'null'] } }), { a: 7 }, '`a` must be a string or null.'],
    ['that are missing', object({}, { required: ['path'] }), {}, '`path` is missing.'],
    ['nobody knows', object({}, { additionalProperties: false }), { pat: 1 }, '`pat` is not known.'],
    ['that are no choice', object({ a: { enum: ['x', 'y'] } }), { a: 'z' }, '`a` must be one of "x", "y".'],
    ['too small', object({ a: { type: 'integer', minimum: 1 } }), { a: 0 }, '`a` must be >= 1.'],
    [
      'that do not match',
      object({ a: { type: 'string', pattern: '^x' } }),
      { a: 'y' },
      '`a` must match the pattern ^x.',
    ],
    [
      'deep inside',
      object({ edits: { type: 'array', items: object({ path: { type: 'string' } }, { required: ['path'] }) } }),
      { edits: [{ path: 'a' }, {}] },
      '`edits[1].path` is missing.',
    ],
    [
      'of no allowed form',
      object({ a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
      { a: 1 },
      '`a` fits none of the allowed forms.',
    ],
    ['that are no object', object({}), [1], 'The arguments must be an object.'],
  ]
  for (const [what, schema, input, sentence] of cases)
    it(`are told in a short sentence: ${what}`, () => assert.deepEqual(problems(schema, input), [sentence]))

  it('are told with a few problems at a time', () => {
    const names = Array.from({ length: 20 }, (_, at) => `n${at}`)
    const told = problems(object({}, { required: names }), {})
    assert.equal(told.length, 7)
    assert.match(told.at(-1)!, /14 more/)
  })
})

describe('A schema', () => {
  it('is read by the draft it names, and without one as the newest or as draft 7', () => {
    const tuple = (extra: JsonObject) => object({ a: { type: 'array', ...extra } })
    const old = tuple({ items: [{ type: 'string' }] })
    const newest = tuple({ prefixItems: [{ type: 'string' }] })
    const seven = 'http://json-schema.org/draft-07/schema#'
    const twenty = 'https://json-schema.org/draft/2020-12/schema'
    for (const schema of [old, newest, { ...old, $schema: seven }, { ...newest, $schema: twenty }]) {
      assert.deepEqual(problems(schema, { a: ['x'] }), [])
      assert.deepEqual(problems(schema, { a: [1] }), ['`a[0]` must be a string.'])
    }
  })

  it('may hold words and formats that nobody knows', () => {
    const schema = object({ a: { type: 'string', format: 'made-up', 'x-order': 1 } }, { 'x-other': {} })
    assert.deepEqual(problems(schema, { a: 'anything' }), [])
  })

  it('may have the same id as another', () => {
    const one = object({ a: { type: 'string' } }, { $id: 'https://tools.example/schema' })
    const other = object({ a: { type: 'number' } }, { $id: 'https://tools.example/schema' })
    assert.deepEqual(problems(one, { a: 'x' }), [])
    assert.deepEqual(problems(other, { a: 'x' }), ['`a` must be a number.'])
  })

  it('that is none, or leads elsewhere, says so at every call and fetches nothing', () => {
    for (const schema of [
      { type: 'strange' },
      { $ref: 'http://127.0.0.1:9/x' },
      { required: 'path' },
      { $async: true },
    ] as JsonObject[]) {
      for (let time = 0; time < 2; time++) {
        const checked = check(schema, {})
        assert.ok(!checked.fits && 'broken' in checked && checked.broken !== '', JSON.stringify(schema))
      }
    }
  })

  it('cannot hang the host with a pattern, for one string or for many', () => {
    const schema = object({ a: { type: 'array', items: { type: 'string', pattern: '^(a+)+$' } } })
    const evil = Array.from({ length: 200 }, (_, at) => `${'a'.repeat(40)}!${at}`)
    const time = worked(() => assert.ok(!check(schema, { a: evil }).fits))
    assert.ok(time < 2_000, `${time} ms`)
  })

  it('keeps several patterns apart, and takes no harm from one that is none', () => {
    const schema = object({
      a: { type: 'string', pattern: '^x' },
      b: { type: 'string', pattern: '^y' },
      c: { type: 'string', pattern: '(' },
    })
    assert.deepEqual(problems(schema, { a: 'x', b: 'y', c: 'z' }), [])
    assert.equal(problems(schema, { a: 'y', b: 'x', c: 'z' }).length, 2)
  })

  it('cannot run code through a pattern', () => {
    const schema = object({ a: { type: 'string', pattern: '/.constructor.constructor("globalThis.hit = 1")()//' } })
    check(schema, { a: '"]; globalThis.hit = 1; ["' })
    assert.ok(!('hit' in globalThis))
  })

  it('is compiled once', () => {
    const schema = object(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, { type: 'string' }])))
    check(schema, {})
    const time = worked(() => {
      for (let time = 0; time < 50; time++) check(JSON.parse(JSON.stringify(schema)) as JsonObject, { p1: 'x' })
    })
    assert.ok(time < 200, `${time} ms`)
  })

  it('of any shape never makes the check throw, and arguments are never changed', () => {
    const keyword = fc.constantFrom(
      'type',
      'properties',
      'items',
      'required',
      'enum',
      'anyOf',
      '$ref',
      'pattern',
      'const',
      '__proto__',
    )
    const value = fc.letrec((tie) => ({
      schema: fc.dictionary(keyword, fc.oneof(fc.jsonValue({ maxDepth: 2 }), tie('schema')), { maxKeys: 4 }),
    })).schema
    fc.assert(
      fc.property(value, fc.jsonValue({ maxDepth: 2 }), (schema, input) => {
        const before = JSON.stringify(input)
        check(schema as JsonObject, input as Json)
        assert.equal(JSON.stringify(input), before)
      }),
      { numRuns: 150 },
    )
  }).timeout(90_000)
})
