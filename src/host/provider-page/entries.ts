/** Changes of `panelist.providers` as the person wrote it. What an entry says besides stays as it is. */
import { isObject } from '../../shared/json.ts'

/** As it stands in the settings file. */
export type Entries = Record<string, Record<string, unknown>>

/** The fields of one entry that change; undefined takes one out. */
export type EntryChange = {
  baseUrl?: string | undefined
  defaultModel?: string | undefined
  enabled?: false | undefined
}

/**
 * `named`: the entry alone makes the provider be there, so it must not be left empty, which would take it out.
 */
export function withChange(entries: Entries, id: string, change: EntryChange, named: boolean): Entries {
  const entry: Record<string, unknown> = isObject(entries[id]) ? { ...entries[id] } : {}
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined) delete entry[field]
    else entry[field] = value
  }
  if (named && Object.keys(entry).length === 0) entry.enabled = true
  return { ...entries, [id]: entry }
}

export function without(entries: Entries, id: string): Entries {
  const { [id]: _, ...others } = entries
  return others
}

/** An id for a server of this name that no other provider has. */
export function freeId(name: string, taken: readonly string[]): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const base = words || 'server'
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`
    if (!taken.includes(id)) return id
  }
}
