/** How a call of ours ended: for the person who looks at its card later. No provider is told of it. */

/** Why a call has a failed result. `tool`: the tool ran and said so, or threw. `interrupted`: the host was killed. */
export type CallFailure =
  'unknown-tool' | 'arguments' | 'denied' | 'preview' | 'timeout' | 'stopped' | 'not-run' | 'interrupted' | 'tool'

/**
 * `summary`: one line that says what the call did. `why`: where it failed. `durationMs`: where it ran. `rejected`: paths of
 * the files that the person took out of it. `said`: what they gave as the reason, or for denying it as a whole.
 */
export type CallEnd = { summary?: string; why?: CallFailure; durationMs?: number; rejected?: string[]; said?: string }
