/** The rows of the model picker: what of the groups matches a search and a filter, flat, each with its place in the list. */
import type { ModelInfo, ProviderId } from '../../src/shared/model.ts'
import type { Barred, ModelChoices, ModelGroup, ModelRef } from '../../src/shared/protocol.ts'
import { isUsable } from '../../src/shared/protocol.ts'
import { isSame, retirementOf, whyUnusable, type Ability } from './model-words.ts'

export type Want = Ability | 'free' | 'local'
export type Filter = { provider?: ProviderId | undefined; wants: readonly Want[] }
export type Section = 'favourites' | 'recent'

type Placed = { top: number; height: number; key: string }
export type GroupRow = Placed & { type: 'group'; group: ModelGroup; found: number }
export type SectionRow = Placed & { type: 'section'; section: Section }
export type FailureRow = Placed & { type: 'failure'; group: ModelGroup; text: string }
export type KeyRow = Placed & { type: 'key'; option: number; group: ModelGroup }
/** A name that no list holds, asked for all the same. */
export type NameRow = Placed & { type: 'name'; option: number; group: ModelGroup; name: string }
export type ModelRow = Placed & {
  type: 'model'
  option: number
  group: ModelGroup
  model: ModelInfo
  favourite: boolean
  /** Where it stands apart from the other models of its provider. */
  section?: Section
}
export type OptionRow = KeyRow | NameRow | ModelRow
export type PickerRow = GroupRow | SectionRow | FailureRow | OptionRow

/** Pixels. Fixed, so that 400 models need no measuring. `tall`: a model with a third line. */
export const HEIGHTS = { group: 30, section: 30, failure: 36, key: 30, name: 30, model: 44, tall: 60 }

const MOST_RECENT = 5

export function rowsOf(choices: ModelChoices, search: string, filter: Filter): PickerRow[] {
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean)
  const narrowed = terms.length > 0 || filter.wants.length > 0
  const list = new List(choices.favourites)
  if (!narrowed && filter.provider === undefined) {
    const recent = choices.recent.filter((ref) => !choices.favourites.some((other) => isSame(ref, other)))
    list.addSection('favourites', resolve(choices.groups, choices.favourites))
    list.addSection('recent', resolve(choices.groups, recent).slice(0, MOST_RECENT))
  }
  const groups = choices.groups.filter(({ provider }) => filter.provider === undefined || provider === filter.provider)
  for (const group of groups) {
    const models = wanted(group, matching(group, terms), filter.wants)
    if (models.length > 0 || !narrowed) list.addGroup(group, models, !narrowed)
  }
  if (search.trim() !== '' && filter.wants.length === 0) list.addNames(groups, search.trim(), filter)
  return list.rows
}

/** As they are for a chat that nothing may be sent to these of. */
export function withBarred(groups: readonly ModelGroup[], barred: readonly Barred[]): ModelGroup[] {
  const isBarred = (id: ProviderId): boolean => barred.some(({ provider }) => provider === id)
  return groups.map((group) => (isBarred(group.provider) ? { ...group, key: 'barred' } : group))
}

/** False for what stands there only to say why it cannot be chosen. */
export const isOpen = ({ group }: OptionRow): boolean => group.key !== 'barred'

/** How many models there are, and how many of them are found. Favourites and recent ones are not counted twice. */
export function countsOf(choices: ModelChoices, rows: readonly PickerRow[]): { all: number; found: number } {
  const all = choices.groups.reduce((sum, { models }) => sum + models.length, 0)
  return { all, found: rows.reduce((sum, row) => sum + (row.type === 'group' ? row.found : 0), 0) }
}

export const isOption = (row: PickerRow): row is OptionRow => 'option' in row

export const refOf = ({ group, model }: ModelRow): ModelRef => ({ provider: group.provider, model: model.id })

/** Whether a row says more of its model than two lines hold. */
function isTall(model: ModelInfo, group: ModelGroup, section: Section | undefined): boolean {
  const unusable = section !== undefined && group.key !== 'barred' && whyUnusable(group) !== undefined
  return unusable || isElsewhere(model) || retirementOf(model) !== undefined || model.note !== undefined
}

/** True where its name stands for another id. */
export function isElsewhere({ id, snapshot }: ModelInfo): boolean {
  return snapshot !== undefined && snapshot !== id
}

class List {
  readonly rows: PickerRow[] = []
  readonly #favourites: Set<string>
  #top = 0
  #option = 0

  constructor(favourites: readonly ModelRef[]) {
    this.#favourites = new Set(favourites.map(({ provider, model }) => `${provider} ${model}`))
  }

  addSection(section: Section, models: readonly { group: ModelGroup; model: ModelInfo }[]): void {
    if (models.length === 0) return
    this.rows.push({ ...this.#place('section', section), type: 'section', section })
    for (const { group, model } of models) this.#addModel(group, model, section)
  }

  addGroup(group: ModelGroup, models: readonly ModelInfo[], whole: boolean): void {
    this.rows.push({ ...this.#place('group', group.provider), type: 'group', group, found: models.length })
    if (whole && (group.key === 'missing' || group.key === 'rejected')) {
      this.rows.push({ ...this.#place('key', group.provider), type: 'key', option: this.#option++, group })
    } else if (group.failure && group.key !== 'absent') {
      const text = group.failure.message
      this.rows.push({ ...this.#place('failure', group.provider), type: 'failure', group, text })
    }
    for (const model of models) this.#addModel(group, model)
  }

  /** A name that nothing found holds can be asked for where something could answer it. */
  addNames(groups: readonly ModelGroup[], name: string, { provider }: Filter): void {
    const isListed = groups.some(({ models }) => models.some(({ id }) => id === name))
    const isWanted = provider !== undefined || this.#option === 0
    if (isListed || !isWanted || /\s/.test(name)) return
    for (const group of groups) {
      if (!isUsable(group.key) || group.demo) continue
      this.rows.push({ ...this.#place('name', group.provider), type: 'name', option: this.#option++, group, name })
    }
  }

  #addModel(group: ModelGroup, model: ModelInfo, section?: Section): void {
    const tall = isTall(model, group, section) ? 'tall' : 'model'
    const favourite = this.#favourites.has(`${group.provider} ${model.id}`)
    const placed = this.#place(tall, `${section ?? ''}:${group.provider}:${model.id}`)
    this.rows.push({
      ...placed,
      type: 'model',
      option: this.#option++,
      group,
      model,
      favourite,
      ...(section && { section }),
    })
  }

  #place(type: keyof typeof HEIGHTS, key: string): Placed {
    const row = { top: this.#top, height: HEIGHTS[type], key: `${type}:${key}` }
    this.#top += HEIGHTS[type]
    return row
  }
}

/** The models of these names. One that its provider no longer lists is shown by its name: it may still answer. */
function resolve(groups: readonly ModelGroup[], refs: readonly ModelRef[]): { group: ModelGroup; model: ModelInfo }[] {
  return refs.flatMap(({ provider, model: id }) => {
    const group = groups.find((one) => one.provider === provider)
    if (!group) return []
    const unlisted: ModelInfo = { id, provider, name: id, guessed: true, source: 'catalogue' }
    return [{ group, model: group.models.find((model) => model.id === id) ?? unlisted }]
  })
}

/** Every term must be found; models that hold all of them as they were typed come first. */
function matching(group: ModelGroup, terms: readonly string[]): readonly ModelInfo[] {
  if (terms.length === 0) return group.models
  const exact: ModelInfo[] = []
  const loose: ModelInfo[] = []
  for (const model of group.models) {
    const text = `${model.name} ${model.id} ${model.snapshot ?? ''} ${group.label}`.toLowerCase()
    if (terms.every((term) => text.includes(term))) exact.push(model)
    else if (terms.every((term) => holdsInOrder(text, term))) loose.push(model)
  }
  return [...exact, ...loose]
}

/**
 * Those that have all of it. Where nobody tells of an ability a model stays, behind those that are known to have it: many
 * providers tell nothing, and what is left out cannot be found.
 */
function wanted(group: ModelGroup, models: readonly ModelInfo[], wants: readonly Want[]): readonly ModelInfo[] {
  if (wants.length === 0) return models
  const verdicts = models.map((model) => wants.map((want) => has(model, group, want)))
  const sure = models.filter((_, at) => verdicts[at]!.every((verdict) => verdict === true))
  const perhaps = models.filter(
    (_, at) => !verdicts[at]!.includes(false) && verdicts[at]!.some((verdict) => verdict === undefined),
  )
  return [...sure, ...perhaps]
}

/** Undefined where nobody tells. */
function has(model: ModelInfo, group: ModelGroup, want: Want): boolean | undefined {
  if (want === 'local') return group.local === true
  if (want === 'free') return isFree(model)
  return model[want]
}

export function isFree({ price }: ModelInfo): boolean {
  return price?.input === 0 && price.output === 0
}

/** Whether the letters of `term` stand in `text` in this order, with anything between them. */
function holdsInOrder(text: string, term: string): boolean {
  let at = -1
  for (const letter of term) {
    at = text.indexOf(letter, at + 1)
    if (at < 0) return false
  }
  return true
}
