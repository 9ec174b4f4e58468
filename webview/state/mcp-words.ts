/** How an MCP server stands, in words, and what can be done about it. */
import type { McpAction, McpCard } from '../../src/shared/protocol.ts'

export type Standing = { words: string; icon: string; tone: 'good' | 'busy' | 'warning' | 'bad' | 'none' }

export function standingOf({ state, tools, restartAt }: McpCard, now: number): Standing {
  switch (state) {
    case 'ready':
      return { words: `Ready, ${count(tools.length)}`, icon: 'pass', tone: 'good' }
    case 'starting':
      return { words: 'Starting…', icon: 'loading codicon-modifier-spin', tone: 'busy' }
    case 'failed': {
      const seconds = restartAt === undefined ? 0 : Math.ceil((restartAt - now) / 1000)
      return { words: seconds > 0 ? `Failed, tried again in ${seconds} s` : 'Failed', icon: 'error', tone: 'bad' }
    }
    case 'sign-in':
      return { words: 'Needs a sign-in', icon: 'account', tone: 'warning' }
    case 'waiting':
      return { words: 'Waits for your approval', icon: 'shield', tone: 'warning' }
    case 'refused':
      return { words: 'Not allowed', icon: 'circle-slash', tone: 'none' }
    case 'off':
      return { words: 'Switched off', icon: 'circle-slash', tone: 'none' }
    case 'stopped':
      return { words: 'Stopped', icon: 'debug-stop', tone: 'none' }
  }
}

const count = (tools: number): string => (tools === 1 ? '1 tool' : `${tools} tools`)

/** What helps now comes first. */
export function actionsOf({ state, inFile, hasInputs, signedIn }: McpCard): { action: McpAction; label: string }[] {
  const edit = { action: 'edit' as const, label: 'Edit' }
  const remove = inFile ? [] : [{ action: 'remove' as const, label: 'Remove…' }]
  const inputs = hasInputs ? [{ action: 'ask-again' as const, label: 'Fill in again' }] : []
  const signOut = signedIn ? [{ action: 'sign-out' as const, label: 'Sign out' }] : []
  const start = { action: 'start' as const, label: 'Start' }
  const stop = { action: 'stop' as const, label: 'Stop' }
  const restart = { action: 'restart' as const, label: 'Restart' }
  const test = { action: 'test' as const, label: 'Test' }
  switch (state) {
    case 'ready':
      return [stop, restart, test, ...signOut, ...inputs, edit, ...remove]
    case 'starting':
      return [stop, edit]
    case 'failed':
      return [restart, stop, ...signOut, ...inputs, edit, ...remove]
    case 'sign-in':
      return [{ action: 'sign-in', label: 'Sign in' }, restart, ...signOut, edit, ...remove]
    case 'waiting':
    case 'refused':
      return [{ action: 'start', label: 'Review…' }, edit]
    case 'stopped':
      return [start, test, ...signOut, edit, ...remove]
    case 'off':
      return [...signOut, edit, ...remove]
  }
}
