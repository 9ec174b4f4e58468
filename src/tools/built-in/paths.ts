/** From what the model calls a file to a place inside of the workspace, or to the reason why there is none. */
import path from 'node:path'
import type { Place, Root, Workspace } from '../ports.ts'

/** A path that is refused. The message is for the model. */
export class PathRefused extends Error {
  override readonly name = 'PathRefused'
}

const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?$/i

/**
 * The place that `given` names. It need not exist. Links are followed and must end inside of the workspace; case is
 * that of the disk. Throws `PathRefused`.
 */
export async function locate(workspace: Workspace, given: string): Promise<Place> {
  const roots = workspace.roots()
  if (roots.length === 0) throw new PathRefused('No folder is open, so there are no files.')
  refuseOdd(given, workspace.platform)
  const rules = workspace.platform === 'windows' ? path.win32 : path.posix
  if (rules.isAbsolute(given)) return absolute(workspace, given)
  const { root, rest } = rootOf(roots, normal(rules, given), given)
  if (root.folder === undefined) return placeAt(workspace, root, rest)
  return real(workspace, rules.join(root.folder, rest), given)
}

/** What a place is called. With several roots the root's name comes first. */
export function nameOf(workspace: Workspace, root: Root, relative: string): string {
  if (workspace.roots().length === 1) return relative === '' ? '.' : relative
  return relative === '' ? root.name : `${root.name}/${relative}`
}

export function placeAt(workspace: Workspace, root: Root, relative: string): Place {
  const rules = workspace.platform === 'windows' ? path.win32 : path.posix
  return {
    root,
    path: relative,
    shown: nameOf(workspace, root, relative),
    uri: workspace.uriOf(root, relative),
    ...(root.folder !== undefined && { file: relative === '' ? root.folder : rules.join(root.folder, relative) }),
  }
}

/** The place of an address that somebody else gave, where it is inside of the workspace. */
export function placeOfUri(workspace: Workspace, uri: string): Place | undefined {
  for (const root of workspace.roots()) {
    const base = root.uri.endsWith('/') ? root.uri : `${root.uri}/`
    if (!uri.startsWith(base)) continue
    return placeAt(workspace, root, decodeURIComponent(uri.slice(base.length)))
  }
  return undefined
}

function refuseOdd(given: string, platform: Workspace['platform']): void {
  const quoted = JSON.stringify(given)
  if (given === '') throw new PathRefused('The path is empty. “.” is the workspace’s folder.')

  if (/[\u0000-\u001f\u007f]/.test(given)) throw new PathRefused(`The path ${quoted} holds control characters.`)
  if (!given.isWellFormed()) throw new PathRefused(`The path ${quoted} holds half a character.`)
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given) || /^file:/i.test(given)) {
    throw new PathRefused(`${quoted} is an address. Give a path relative to the workspace.`)
  }
  if (/^~(?:[\\/]|$)/.test(given)) throw new PathRefused(`${quoted}: “~” is not known here. ${INSIDE}`)
  if (platform === 'posix') return
  if (/^[\\/]{2}/.test(given)) throw new PathRefused(`${quoted} is a network or device path. ${INSIDE}`)
  const names = given.replace(/^[a-z]:/i, '').split(/[\\/]/)
  if (/^[a-z]:(?![\\/])/i.test(given) || names.some((name) => name.includes(':'))) {
    throw new PathRefused(`${quoted} holds a “:”, which names no file. ${INSIDE}`)
  }
  for (const name of names) {
    if (DEVICE.test(name.replace(/[. ]+$/, ''))) throw new PathRefused(`${quoted} names a device of Windows.`)
    if (/[. ]$/.test(name) && name !== '.' && name !== '..') {
      throw new PathRefused(`In ${quoted} a name ends in a dot or a blank, which Windows drops.`)
    }
  }
}

const INSIDE = 'Only files inside of the workspace can be used; give a path relative to it.'

/** Without `.`, `..` and empty names, parted by `/`. Empty for the folder itself. */
function normal(rules: typeof path.posix, given: string): string {
  const parts = rules
    .normalize(given)
    .split(rules.sep)
    .filter((part) => part !== '' && part !== '.')
  if (parts[0] === '..') throw new PathRefused(`${JSON.stringify(given)} leads out of the workspace. ${INSIDE}`)
  return parts.join('/')
}

/** With several roots the first name says which. The root of a single one may be named too, but need not. */
function rootOf(roots: readonly Root[], relative: string, given: string): { root: Root; rest: string } {
  const [only] = roots
  if (only && roots.length === 1) return { root: only, rest: relative }
  const [first, ...rest] = relative.split('/')
  const root = roots.find(({ name }) => name === first)
  if (root) return { root, rest: rest.join('/') }
  const names = roots.map(({ name }) => name).join(', ')
  throw new PathRefused(
    `${JSON.stringify(given)} must begin with the name of one of the workspace’s folders: ${names}.`,
  )
}

async function absolute(workspace: Workspace, given: string): Promise<Place> {
  if (!workspace.roots().some(({ folder }) => folder !== undefined)) throw outside(given)
  const rules = workspace.platform === 'windows' ? path.win32 : path.posix
  return real(workspace, rules.normalize(given), given)
}

/** Follows what exists of `file` to where it really is and finds the root that holds it. */
async function real(workspace: Workspace, file: string, given: string): Promise<Place> {
  const rules = workspace.platform === 'windows' ? path.win32 : path.posix
  const missing: string[] = []
  let at = file
  for (;;) {
    const found = await workspace.realPath(at)
    if (found.kind === 'dangling') throw new PathRefused(`${JSON.stringify(given)} is a link that leads nowhere.`)
    if (found.kind === 'found') {
      at = found.path
      break
    }
    const parent = rules.dirname(at)
    if (parent === at) break
    missing.unshift(rules.basename(at))
    at = parent
  }
  const target = rules.join(at, ...missing)
  for (const root of workspace.roots()) {
    if (root.folder === undefined) continue
    const base = await workspace.realPath(root.folder)
    if (base.kind !== 'found') continue
    const relative = rules.relative(base.path, target)
    if (relative === '..' || relative.startsWith(`..${rules.sep}`) || rules.isAbsolute(relative)) continue
    return placeAt(workspace, root, relative.split(rules.sep).join('/'))
  }
  throw outside(given)
}

const outside = (given: string): PathRefused =>
  new PathRefused(`${JSON.stringify(given)} is outside of the workspace. ${INSIDE}`)
