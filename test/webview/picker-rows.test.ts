import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ModelChoices, ModelGroup, ModelRef } from '../../src/shared/protocol.ts'
import { countsOf, isOption, rowsOf, type Filter, type PickerRow, type Want } from '../../webview/state/picker.ts'
import { retirementOf } from '../../webview/state/model-words.ts'
import { catalogueGroups, manyGroups } from './harness/model-groups.ts'

const all: Filter = { wants: [] }
const choices = (groups: ModelGroup[], favourites: ModelRef[] = [], recent: ModelRef[] = []): ModelChoices => ({
  groups,
  favourites,
  recent,
})
const found = (rows: readonly PickerRow[]) => rows.flatMap((row) => (row.type === 'model' ? [row.model.id] : []))
const show = (search: string, filter: Filter = all) => rowsOf(choices(catalogueGroups()), search, filter)
const kinds = (rows: readonly PickerRow[]) => rows.map(({ type }) => type)

describe('the rows of the model picker', () => {
  it('stand below each other without a gap, their options numbered, whatever is searched and wanted', () => {
    const groups = [...catalogueGroups(), ...manyGroups().slice(2)]
    const ref = fc.constantFrom(
      ...groups.flatMap(({ provider, models }) => models.slice(0, 3).map(({ id }) => ({ provider, model: id }))),
      { provider: 'openai', model: 'gone' },
      { provider: 'nobody', model: 'gone' },
    )
    const refs = fc.uniqueArray(ref, { maxLength: 8, selector: ({ provider, model }) => `${provider} ${model}` })
    const want = fc.constantFrom<Want>('images', 'pdfs', 'tools', 'thinking', 'free', 'local')
    const filter: fc.Arbitrary<Filter> = fc.record({
      provider: fc.option(fc.constantFrom('anthropic', 'openrouter', 'nobody'), { nil: undefined }),
      wants: fc.uniqueArray(want),
    })
    const search = fc.oneof(fc.constantFrom('', 'gpt', 'model 4', 'x'), fc.string({ maxLength: 6 }))
    fc.assert(
      fc.property(refs, refs, search, filter, (favourites, recent, text, wanted) => {
        const rows = rowsOf(choices(groups, favourites, recent), text, wanted)
        let top = 0
        for (const row of rows) {
          assert.equal(row.top, top)
          top += row.height
        }
        assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length, 'keys tell rows apart')
        assert.deepEqual(
          rows.filter(isOption).map(({ option }) => option),
          rows.filter(isOption).map((_, at) => at),
        )
        const counts = countsOf(choices(groups), rows)
        assert.ok(counts.found <= counts.all)
      }),
    )
  })

  it('begin with favourites and what was used last, once each, and only where nothing is searched or filtered', () => {
    const opus = { provider: 'anthropic', model: 'claude-opus-4-5' }
    const mini = { provider: 'openai', model: 'gpt-5-mini' }
    const liked = choices(catalogueGroups(), [opus], [opus, mini])
    const rows = rowsOf(liked, '', all)
    assert.deepEqual(
      rows.slice(0, 5).map((row) => (row.type === 'section' ? row.section : row.type === 'model' ? row.model.id : '')),
      ['favourites', opus.model, 'recent', mini.model, ''],
    )
    assert.equal(kinds(rowsOf(liked, 'claude', all)).includes('section'), false)
    assert.equal(kinds(rowsOf(liked, '', { wants: ['tools'] })).includes('section'), false)
    assert.equal(kinds(rowsOf(liked, '', { wants: [], provider: 'openai' })).includes('section'), false)
    assert.deepEqual(countsOf(liked, rows), { all: 9, found: 9 })
  })

  it('keep a favourite that its provider no longer lists, and drop one whose provider is gone', () => {
    const gone = { provider: 'openai', model: 'gpt-gone' }
    const rows = rowsOf(choices(catalogueGroups(), [gone, { provider: 'nobody', model: 'x' }]), '', all)
    const [, row] = rows
    assert.ok(row?.type === 'model' && row.model.id === 'gpt-gone' && row.model.guessed)
    assert.equal(rows[2]?.type, 'group')
  })

  it('leave out what is known to lack what is wanted, and put what nobody tells behind what is known', () => {
    assert.deepEqual(found(show('', { wants: ['thinking'], provider: 'anthropic' })), [
      'claude-sonnet-4-5',
      'claude-opus-4-1',
      'claude-opus-4-5',
    ])
    const [pdf, ...unsure] = found(show('', { wants: ['pdfs'], provider: 'anthropic' }))
    assert.equal(pdf, 'claude-sonnet-4-5')
    assert.equal(unsure.length, 3)
    assert.deepEqual(found(show('', { wants: ['images', 'local'] })), [])
    assert.deepEqual(found(show('', { wants: ['free'] })), ['qwen3:8b'])
    assert.deepEqual(found(show('', { wants: ['local', 'thinking'] })), ['qwen3:8b'])
    assert.deepEqual(found(show('gpt', { wants: ['images'] })).slice(0, 2), ['gpt-5.1', 'gpt-5-mini'])
  })

  it('find a model by what its name stands for', () => {
    assert.deepEqual(found(show('20250929')), ['claude-sonnet-4-5'])
    assert.deepEqual(found(show('azure')), ['fast'])
  })

  it('offer a name that no list holds to whoever could answer it', () => {
    const names = (rows: PickerRow[]) => rows.flatMap((row) => (row.type === 'name' ? [row.group.provider] : []))
    // Neither the provider without a key nor the one that is away.
    assert.deepEqual(names(show('zzz-9')), ['anthropic', 'openai', 'litellm', 'ollama'])
    assert.deepEqual(names(show('claude', { wants: [], provider: 'anthropic' })), ['anthropic'])
    assert.deepEqual(names(show('claude-opus-4-5', { wants: [], provider: 'anthropic' })), [])
    assert.deepEqual(names(show('claude')), [])
    assert.deepEqual(names(show('two words')), [])
  })

  it('tell of a provider that is not there without asking for a key or telling its failure', () => {
    const away: ModelGroup = {
      provider: 'ollama',
      label: 'Ollama',
      key: 'absent',
      models: [],
      failure: { code: 'network', message: 'Nobody answers.' },
    }
    assert.deepEqual(kinds(rowsOf(choices([away]), '', all)), ['group'])
  })

  it('of 500 models are made in a few milliseconds', () => {
    const groups = [...catalogueGroups(), ...manyGroups()]
    const took = Array.from({ length: 9 }, () => {
      const start = performance.now()
      rowsOf(choices(groups), 'md4', { wants: ['images'] })
      return performance.now() - start
    })
    assert.ok(Math.min(...took) < 10, `${Math.min(...took)} ms`)
  })
})

describe('the retirement of a model', () => {
  const day = 24 * 3600 * 1000
  const now = Date.UTC(2026, 10, 21)
  const when = (days: number) =>
    retirementOf({ id: '', provider: '', name: '', source: 'provider', retiresAt: now + days * day }, now)

  it('is a warning within 90 days, and says its day', () => {
    assert.equal(when(91)?.when, 'later')
    assert.equal(when(90)?.when, 'soon')
    assert.equal(when(0)?.when, 'past')
    assert.match(when(40)?.text ?? '', /^Retires .*2026/)
    assert.match(when(-40)?.text ?? '', /^Retired .*2026/)
  })

  it('is not told where nobody tells it', () => {
    assert.equal(retirementOf({ id: '', provider: '', name: '', source: 'provider' }, now), undefined)
  })
})
