/** What can be sent of a form. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { FormField } from '../../src/shared/form.ts'
import { firstEntry, objectionTo, valueOf } from '../../src/shared/form.ts'

const about = { name: 'x', title: 'X', description: '', required: false }
const text = (more: object = {}): FormField => ({ ...about, kind: 'text', ...more })
const number = (more: object = {}): FormField => ({ ...about, kind: 'number', ...more })
const choices = ['a', 'b', 'c'].map((value) => ({ label: value, value }))

describe('a field of a form', () => {
  it('of text takes lengths in characters, not in units, and says how many there are', () => {
    const field = text({ shortest: 2, longest: 3 })
    assert.equal(objectionTo(field, '👍👍👍'), undefined)
    assert.equal(objectionTo(field, '👍'), 'At least 2 characters: it has 1.')
    assert.equal(objectionTo(field, 'four'), 'At most 3 characters: it has 4.')
    assert.equal(objectionTo(field, ''), undefined, 'may be left out')
    assert.equal(objectionTo({ ...field, required: true }, ''), 'The server wants an answer.')
  })

  it('of a day takes the days of the calendar and no others', () => {
    const field = text({ format: 'date' })
    for (const day of ['2026-01-31', '2024-02-29', '0001-01-01']) assert.equal(objectionTo(field, day), undefined, day)
    for (const day of ['2026-02-29', '2026-02-31', '2026-13-01', '31.1.2026', '2026-1-1', '2026-01-31T00:00'])
      assert.match(objectionTo(field, day) ?? '', /like 2026-01-31/, day)
  })

  it('of a time takes it with or without a zone, and sends it with one', () => {
    const field = text({ format: 'date-time' })
    for (const time of [
      '2026-01-31 14:30',
      '2026-01-31T14:30',
      '2026-01-31T14:30:05Z',
      '2026-01-31T14:30:05.5+02:00',
    ]) {
      assert.equal(objectionTo(field, time), undefined, time)
      assert.equal(valueOf(field, time), new Date(time).toISOString())
    }
    for (const time of ['2026-02-30 14:30', '2026-01-31', '2026-01-31 25:00', 'now'])
      assert.match(objectionTo(field, time) ?? '', /14:30/, time)
  })

  it('of an address or an e-mail address takes what is one', () => {
    assert.equal(objectionTo(text({ format: 'uri' }), 'https://host.example/x'), undefined)
    assert.match(objectionTo(text({ format: 'uri' }), 'host.example') ?? '', /with its scheme/)
    assert.equal(objectionTo(text({ format: 'email' }), 'ada@host.example'), undefined)
    assert.match(objectionTo(text({ format: 'email' }), 'ada') ?? '', /e-mail/)
  })

  it('of a number sends just the numbers that its bounds let through', () => {
    const bound = fc.option(fc.integer({ min: -100, max: 100 }), { nil: undefined })
    fc.assert(
      fc.property(
        bound,
        bound,
        fc.boolean(),
        fc.double({ min: -200, max: 200, noNaN: true }),
        (least, most, whole, value) => {
          const field = number({
            ...(least !== undefined && { least }),
            ...(most !== undefined && { most }),
            ...(whole && { whole: true }),
          })
          const fits =
            value >= (least ?? -Infinity) && value <= (most ?? Infinity) && (!whole || Number.isInteger(value))
          assert.equal(objectionTo(field, String(value)) === undefined, fits)
          assert.equal(valueOf(field, String(value)), value === 0 ? Number(String(value)) : value)
        },
      ),
    )
    for (const typed of ['x', ' ', 'Infinity', 'NaN', '1e999'])
      assert.equal(objectionTo(number(), typed), 'Give a number.')
  })

  it('of choices takes what is offered, and as many as are wanted', () => {
    const one: FormField = { ...about, kind: 'one', choices }
    assert.deepEqual([objectionTo(one, 'a'), objectionTo(one, ''), valueOf(one, '')], [undefined, undefined, undefined])
    assert.equal(objectionTo({ ...one, required: true }, ''), 'Choose one.')
    assert.equal(objectionTo(one, 'd'), 'Choose one of those offered.')
    const many: FormField = { ...about, kind: 'many', choices, fewest: 2, most: 2 }
    assert.equal(objectionTo(many, []), undefined, 'may be left out')
    assert.equal(objectionTo(many, ['a']), 'Choose at least 2.')
    assert.equal(objectionTo(many, ['a', 'b', 'c']), 'Choose at most 2.')
    assert.equal(objectionTo({ ...many, required: true }, []), 'Choose at least 2.')
    assert.equal(objectionTo(many, ['a', 'd']), 'Choose of those offered.')
    assert.deepEqual([valueOf(many, ['a', 'b']), valueOf(many, [])], [['a', 'b'], undefined])
  })

  it('takes no entry of another kind, which only a broken page would send', () => {
    const kinds = [
      text(),
      number(),
      { ...about, kind: 'one', choices },
      { ...about, kind: 'many', choices },
    ] as FormField[]
    for (const field of [...kinds, { ...about, kind: 'boolean' } as FormField])
      for (const entry of ['a', true, ['a']])
        if (typeof entry !== typeof firstEntry(field) || Array.isArray(entry) !== Array.isArray(firstEntry(field)))
          assert.notEqual(objectionTo(field, entry), undefined, `${field.kind} ${JSON.stringify(entry)}`)
  })
})
