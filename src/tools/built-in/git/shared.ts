/** What git_diff and git_log share. */
import type { JsonObject } from '../../../shared/json.ts'
import type { Git, GitRan, Place, Workspace } from '../../ports.ts'
import { placeAt } from '../paths.ts'

/** UTF-16 units of one answer. */
export const BUDGET = 40_000

/** Never an option, never a range, and no search of messages. */
export const revision = (description: string): JsonObject => ({
  type: 'string',
  pattern: '^(?!-)(?!.*\\.\\.)[\\w./@^~{}+-]{1,200}$',
  description,
})

/** Where git runs, and what it looks at there: `.` or one name. Git follows no links and leaves no folder by itself. */
export type Scope = { place: Place; folder: string; pathspec: string }

/** The nearest folder that exists, so that a repository in a subfolder is found, and a deleted file’s too. */
export async function scopeOf(workspace: Workspace, place: Place): Promise<Scope> {
  if (place.file === undefined)
    throw new Error('git works only on files of this machine, and this workspace’s are elsewhere.')
  const names = place.path === '' ? [] : place.path.split('/')
  const below: string[] = []
  while (names.length > 0) {
    const here = placeAt(workspace, place.root, names.join('/'))
    if (here.file !== undefined && (await workspace.stat(here.uri))?.kind === 'folder') {
      return { place, folder: here.file, pathspec: below.join('/') || '.' }
    }
    below.unshift(names.pop() ?? '')
  }
  return { place, folder: place.root.folder ?? place.file, pathspec: below.join('/') || '.' }
}

/** Throws a sentence for the model where git cannot be used or fails. */
export async function ask(
  git: Git,
  { place, folder }: Scope,
  args: readonly string[],
  signal: AbortSignal,
): Promise<GitRan> {
  const ran = await git.run(folder, args, BUDGET, signal)
  if (!ran) throw new Error('There is no git on this machine.')
  if (ran.code === 0) return ran
  const complaint = ran.complaint.trim()
  if (/not a git repository/i.test(complaint)) {
    throw new Error(`${place.path === '' ? 'This folder' : place.shown} is not in a git repository.`)
  }
  throw new Error(complaint.replace(/^(fatal|error): /, '') || `git ended with code ${ran.code}.`)
}
