/** Chats out of the database and into it. The editor's dialogs ask the rest. */
import type { Empty } from './empty.ts'

/** `export`: the chat that the panel shows. */
export type Transfer = 'export' | 'export-all' | 'import'

export type TransferRequests = {
  transfer: [{ what: Transfer }, Empty]
}
