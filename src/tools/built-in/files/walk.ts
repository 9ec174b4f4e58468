/** All files below a folder, breadth first and in the order of their names. */
import type { Place, Workspace } from '../../ports.ts'
import { placeAt } from '../paths.ts'
import { excludeMatcher, IgnoreRules } from './ignored.ts'

export type WalkOptions = { ignored: boolean; signal: AbortSignal }

/** Folders that are read before a walk gives up. */
const MOST_FOLDERS = 20_000

/** Folders of a walk that were not read because there were too many. */
export type WalkEnd = { complete: boolean }

/**
 * Paths relative to the root of `from`. Links are not followed, `.git` is left out always; what `.gitignore` files from
 * the root down and `files.exclude` hide only where `ignored` is false.
 */
export async function* walk(
  workspace: Workspace,
  from: Place,
  { ignored, signal }: WalkOptions,
): AsyncGenerator<string, WalkEnd> {
  const hidden = ignored ? () => false : excludeMatcher(workspace.excludes(from.uri))
  const waiting = [{ folder: from.path, rules: ignored ? new IgnoreRules() : await rulesAbove(workspace, from) }]
  for (let read = 0; waiting.length > 0; read++) {
    if (read >= MOST_FOLDERS) return { complete: false }
    signal.throwIfAborted()
    const { folder, rules: above } = waiting.shift()!
    const entries = await workspace.list(placeAt(workspace, from.root, folder).uri).catch(() => [])
    const rules = ignored || !entries.some(isRules) ? above : await withRules(workspace, from, folder, above)
    for (const { name, kind } of entries.toSorted(byName)) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (name === '.git' || kind === 'link' || hidden(path)) continue
      if (rules.ignores(path, kind === 'folder')) continue
      if (kind === 'folder') waiting.push({ folder: path, rules })
      else yield path
    }
  }
  return { complete: true }
}

/** Whether `.gitignore` files or `files.exclude` hide this place, or a folder above it. */
export async function isHidden(workspace: Workspace, place: Place): Promise<boolean> {
  const hidden = excludeMatcher(workspace.excludes(place.uri))
  const names = place.path === '' ? [] : place.path.split('/')
  const kind = (await workspace.stat(place.uri))?.kind
  let rules = new IgnoreRules()
  for (let depth = 0; depth < names.length; depth++) {
    const path = names.slice(0, depth + 1).join('/')
    rules = await withRules(workspace, place, names.slice(0, depth).join('/'), rules)
    if (hidden(path) || rules.ignores(path, depth < names.length - 1 || kind === 'folder')) return true
  }
  return false
}

const isRules = ({ name, kind }: { name: string; kind: string }): boolean => name === '.gitignore' && kind === 'file'
const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1)

async function rulesAbove(workspace: Workspace, from: Place): Promise<IgnoreRules> {
  const parts = from.path === '' ? [] : from.path.split('/')
  let rules = new IgnoreRules()
  for (let depth = 0; depth < parts.length; depth++) {
    rules = await withRules(workspace, from, parts.slice(0, depth).join('/'), rules)
  }
  return rules
}

async function withRules(workspace: Workspace, from: Place, folder: string, rules: IgnoreRules): Promise<IgnoreRules> {
  const file = placeAt(workspace, from.root, folder === '' ? '.gitignore' : `${folder}/.gitignore`)
  const content = await workspace.read(file.uri).catch(() => undefined)
  return content ? rules.with(folder, new TextDecoder().decode(content)) : rules
}
