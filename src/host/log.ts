/** The log: what was asked of whom and how it ended. Never a key, a header, a prompt or an answer. */
import type * as vscode from 'vscode'

export type Log = Pick<vscode.LogOutputChannel, 'trace' | 'debug' | 'info' | 'warn' | 'error'>

/** Words that only begin like a key, such as the names of tools, are none. */
export const KEY_LIKE =
  /\b(?:(?:sk|pk|rk|gsk|xai)[-_]|key[-_](?=[-_A-Za-z]{0,60}\d)|AIza)[-_A-Za-z0-9]{11,}|Bearer\s+\S+/g

/** An error as one line, with whatever looks like a key taken out. */
export function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replace(KEY_LIKE, '[redacted]').replace(/\s+/g, ' ').slice(0, 500)
}
