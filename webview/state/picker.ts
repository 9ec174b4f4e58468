/** The rows of the model picker: what of the groups matches a search, flat, each with its place in the list. */
import type { ModelInfo } from '../../src/shared/model.ts'
import type { ModelGroup } from '../../src/shared/protocol.ts'

export type PickerRow = { top: number; height: number; key: string; group: ModelGroup } & (
  | { type: 'group' }
  | { type: 'failure'; text: string }
  | { type: 'key'; option: number }
  | { type: 'model'; option: number; model: ModelInfo }
)

/** Pixels. Fixed, so that 400 models need no measuring. */
export const HEIGHTS = { group: 30, failure: 36, key: 30, model: 44 }

export function rowsOf(groups: readonly ModelGroup[], search: string): PickerRow[] {
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean)
  const rows: PickerRow[] = []
  let top = 0
  let option = 0
  const place = (type: keyof typeof HEIGHTS, key: string, group: ModelGroup) => {
    const row = { top, height: HEIGHTS[type], key: `${type}:${group.provider}:${key}`, group }
    top += HEIGHTS[type]
    return row
  }
  for (const group of groups) {
    const models = matching(group, terms)
    const offersKey = terms.length === 0 && (group.key === 'missing' || group.key === 'rejected')
    if (models.length === 0 && terms.length > 0) continue
    rows.push({ ...place('group', '', group), type: 'group' })
    if (offersKey) rows.push({ ...place('key', '', group), type: 'key', option: option++ })
    else if (group.failure) rows.push({ ...place('failure', '', group), type: 'failure', text: group.failure.message })
    for (const model of models) {
      rows.push({ ...place('model', model.id, group), type: 'model', option: option++, model })
    }
  }
  return rows
}

/** Every term must be found; models that hold all of them as they were typed come first. */
function matching(group: ModelGroup, terms: readonly string[]): ModelInfo[] {
  if (terms.length === 0) return group.models
  const exact: ModelInfo[] = []
  const loose: ModelInfo[] = []
  for (const model of group.models) {
    const text = `${model.name} ${model.id} ${group.label}`.toLowerCase()
    if (terms.every((term) => text.includes(term))) exact.push(model)
    else if (terms.every((term) => holdsInOrder(text, term))) loose.push(model)
  }
  return [...exact, ...loose]
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
