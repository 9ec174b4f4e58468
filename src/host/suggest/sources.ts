/** The sources that come with Panelist, over a desk. */
import type { ContextDesk } from '../context/desk.ts'
import { ContextFiles } from '../context/files.ts'
import { panelCommands } from './commands.ts'
import { conversationSource } from './conversations.ts'
import { editorSource } from './editor.ts'
import { FileIndex } from './file-index.ts'
import { fileSource } from './files.ts'
import { gitSource } from './git.ts'
import type { Offering } from './mcp.ts'
import { promptSource, resourceSource } from './mcp.ts'
import type { SuggestionSource } from './source.ts'
import { symbolSource } from './symbols.ts'
import { topicSource } from './topics.ts'
import { webSource } from './web.ts'

export function ownSources(desk: ContextDesk, offering: () => Offering): SuggestionSource[] {
  const files = new ContextFiles(desk)
  return [
    panelCommands,
    promptSource(offering),
    webSource(desk),
    editorSource(desk, files),
    fileSource(desk, files, new FileIndex(desk.ports().workspace)),
    gitSource(desk, files),
    symbolSource(desk, files),
    topicSource,
    resourceSource(offering),
    conversationSource,
  ]
}
