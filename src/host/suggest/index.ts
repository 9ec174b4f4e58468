/** What comes with Panelist, in this editor. Loaded when somebody first types `/` or `@`, or attaches something. */
import type { LastCommand } from '../context/desk.ts'
import { EditorContextDesk } from '../context/editor-desk.ts'
import { workspaceTools } from '../workspace-tools/index.ts'

export { CurrentFileFeed } from '../context/current-file.ts'
export { rank } from './rank.ts'
export { ownSources } from './sources.ts'

/** The desk of this editor. */
export function editorDesk(
  allowedHosts: () => readonly string[],
  lastCommand: () => LastCommand | undefined,
): EditorContextDesk {
  return new EditorContextDesk(workspaceTools(allowedHosts), lastCommand)
}
