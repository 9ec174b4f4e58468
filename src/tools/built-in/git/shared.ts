/** What git_diff and git_log share. */
import type { JsonObject } from '../../../shared/json.ts'
import type { Git, GitRan, Place } from '../../ports.ts'

/** UTF-16 units of one answer. */
export const BUDGET = 40_000

/** Never an option, never a range, and no search of messages. */
export const revision = (description: string): JsonObject => ({
  type: 'string',
  pattern: '^(?!-)(?!.*\\.\\.)[\\w./@^~{}+-]{1,200}$',
  description,
})

/** Throws a sentence for the model where git cannot be used or fails. */
export async function ask(git: Git, place: Place, args: readonly string[], signal: AbortSignal): Promise<GitRan> {
  const { folder } = place.root
  if (folder === undefined)
    throw new Error('git works only on files of this machine, and this workspace’s are elsewhere.')
  const ran = await git.run(folder, args, BUDGET, signal)
  if (!ran) throw new Error('There is no git on this machine.')
  if (ran.code === 0) return ran
  const complaint = ran.complaint.trim()
  if (/not a git repository/i.test(complaint)) throw new Error(`${place.root.name} is not in a git repository.`)
  throw new Error(complaint.replace(/^(fatal|error): /, '') || `git ended with code ${ran.code}.`)
}

/** A path for git: from the root’s folder, where git runs. Git follows no links, and never looks outside of `.`. */
export const pathspec = (place: Place): string => (place.path === '' ? '.' : place.path)
