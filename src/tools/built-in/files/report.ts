/** What is said of a change when it is made. */
import type { Edited, Place, Workspace } from '../../ports.ts'
import { lineFeeds } from './replacements.ts'

/** What a model has to know beyond that it worked. `wanted`: the text it meant to make, if it gave it whole. */
export function afterwards({ saved, after }: Edited, wanted: string): string {
  const notes = [
    saved
      ? ''
      : ' It is not saved yet: an editor held unsaved changes of this file before, and it is the person’s to save.',
    lineFeeds(after) === lineFeeds(wanted)
      ? ''
      : ' The editor changed more when it saved (a formatter, perhaps): read the file before you edit it again.',
  ]
  return notes.join('')
}

/** A path that approvals understand: relative to the only root, or absolute. */
export function previewPath(workspace: Workspace, place: Place): string {
  return workspace.roots().length === 1 ? place.path : (place.file ?? place.shown)
}
