/** The commands of the editor's own context menu above a message, and those that are for the chat as it is shown. */
import { isObject } from '../shared/json.ts'
import type { PanelEvent } from '../shared/protocol.ts'
import type { Session } from './session.ts'
import { treeHandlers } from './tree-handlers.ts'

export type ShownPanels = { readonly current: Session | undefined; show(...events: PanelEvent[]): Promise<void> }

/** What the page says of the message under the pointer (`data-vscode-context`): its id, and of those that read as one with it. */
function messagesOf(context: unknown): string[] {
  if (!isObject(context) || !Array.isArray(context.messages)) return []
  return context.messages.filter((id): id is string => typeof id === 'string')
}

/** By name. Each throws what is to be said to the person. */
export function messageCommands(panels: ShownPanels): Record<string, (context?: unknown) => Promise<unknown>> {
  const act =
    (run: (session: Session, messages: string[], last: string) => Promise<unknown>) =>
    async (context?: unknown): Promise<void> => {
      const messages = messagesOf(context)
      const last = messages.at(-1)
      if (panels.current && last !== undefined) await run(panels.current, messages, last)
    }
  return {
    findInChat: () => panels.show({ type: 'show', what: 'find' }),
    showMap: () => panels.show({ type: 'show', what: 'map' }),
    copyChat: async () => panels.current && (await treeHandlers['copy-markdown'](panels.current, {})),
    'message.copyMarkdown': act((session, messages) => treeHandlers['copy-markdown'](session, { messages })),
    'message.branch': act(async (session, _, message) => {
      await treeHandlers.branch(session, { message })
      session.stale()
    }),
    // The page says what was deleted, and offers the way back.
    'message.delete': act((session, messages) => tell(session, messages, 'message')),
    'message.deleteBranch': act((session, messages) => tell(session, messages, 'branch')),
  }
}

async function tell(session: Session, messages: string[], what: 'message' | 'branch'): Promise<void> {
  session.push({ type: 'remove', messages, what })
}
