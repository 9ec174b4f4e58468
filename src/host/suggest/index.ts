/** The sources that come with Panelist. Loaded when somebody first types `/` or `@`, or attaches something. */
import type { ContextDesk } from '../context/desk.ts'
import { ContextFiles } from '../context/files.ts'
import { EditorContextDesk } from '../context/editor-desk.ts'
import type { LastCommand } from '../context/desk.ts'
import { workspaceTools } from '../workspace-tools/index.ts'
import { panelCommands } from './commands.ts'
import { conversationSource } from './conversations.ts'
import { editorSource } from './editor.ts'
import { FileIndex } from './file-index.ts'
import { fileSource } from './files.ts'
import { gitSource } from './git.ts'
import type { Offering } from './mcp.ts'
import { promptSource, resourceSource } from './mcp.ts'
import { rank } from './rank.ts'
import type { SuggestionSource } from './source.ts'
import { symbolSource } from './symbols.ts'
import { topicSource } from './topics.ts'
import { webSource } from './web.ts'

export { CurrentFileFeed } from '../context/current-file.ts'
export { rank }

/** The desk of this editor. */
export function editorDesk(allowedHosts: () => readonly string[], lastCommand: () => LastCommand | undefined) {
  return new EditorContextDesk(workspaceTools(allowedHosts), lastCommand)
}

export function ownSources(desk: ContextDesk, offering: () => Offering): SuggestionSource[] {
  const files = new ContextFiles(desk)
  return [
    panelCommands,
    promptSource(offering),
    webSource(desk),
    editorSource(desk, files),
    fileSource(desk, files, new FileIndex(desk.ports().workspace)),
    gitSource(desk),
    symbolSource(desk, files),
    topicSource,
    resourceSource(offering),
    conversationSource,
  ]
}
