/** The log, and what a page asks of the editor. */
import type { FailureAction } from '../failure.ts'
import type { LogEntry } from '../log-entry.ts'
import type { ProviderId } from '../model.ts'
import type { Empty } from './empty.ts'

export type EditorRequests = {
  /** The lines that are kept after this one. From now on new ones are told, until `log-close` or the next `ready`. */
  log: [{ after: number }, LogEntry[]]
  'log-close': [Empty, Empty]
  /** Code from an answer into the active editor at the cursor. */
  insert: [{ text: string }, Empty]
  /** Host-side clipboard, because a webview has one only while it has the focus. */
  copy: [{ text: string }, Empty]
  link: [{ href: string }, Empty]
  action: [{ action: FailureAction; provider?: ProviderId }, Empty]
  dismiss: [{ notice: string }, Empty]
  /** Makes the page anew, as if it had been hidden and shown: what it asked is not answered. */
  reload: [Empty, Empty]
  /** The page got the keyboard, or lost it. */
  focused: [{ focused: boolean }, Empty]
  /** Problems of the webview itself, for the log: no message text. */
  report: [{ problem: string }, Empty]
}
