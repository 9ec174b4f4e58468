/** Why a call did not run or did not end well, in words for the model. */
import type { AssistantMessage, ToolCall, ToolResult } from '../shared/message.ts'
import type { CallFailure } from '../shared/tool-state.ts'

/** `said`: the person's own words. */
export type Refusal = { why: CallFailure; text: string; said?: string }

/** What stands in the history while a call runs, and stays there where the host is killed. */
export const INTERRUPTED =
  'This call was interrupted, and it is not known how far it came. Look before you try it again.'

/** The result of a call that waits for its turn or runs. */
export function interrupted({ id, name }: ToolCall): ToolResult {
  const output = [{ type: 'text' as const, text: INTERRUPTED }]
  return { type: 'tool-result', callId: id, name, ranBy: 'host', output, failed: true, end: { why: 'interrupted' } }
}

/** Why this call of this answer must not run at all. */
export function notRun({ stop, content }: AssistantMessage, call: ToolCall): Refusal | undefined {
  switch (stop.kind) {
    case 'aborted':
      return stoppedBefore
    case 'failed':
      return { why: 'not-run', text: 'The answer broke off before its end, so this call was not run.' }
    case 'refused':
      return { why: 'not-run', text: 'The answer was refused, so this call was not run.' }
    case 'limit':
      // Nothing at all may be the beginning of something.
      if (call.input === undefined || (call.json.trim() === '' && content.at(-1) === call)) return cutOff
      return undefined
    default:
      return undefined
  }
}

const cutOff: Refusal = {
  why: 'arguments',
  text: 'The answer reached its limit of tokens before the arguments were whole, so this call was not run. Make smaller calls, for example several small edits.',
}

export const stoppedBefore: Refusal = { why: 'stopped', text: 'Stopped by the person before this call was run.' }
export const STOPPED_WHILE = 'Stopped by the person while this call ran. It may have done part of its work.'

export function unknownTool(name: string, known: readonly string[]): Refusal {
  const there = known.length === 0 ? 'There are no tools now.' : `The tools are: ${known.slice(0, 100).join(', ')}.`
  return { why: 'unknown-tool', text: `There is no tool \`${name.slice(0, 100)}\`. ${there}` }
}

export function invalidJson(call: ToolCall): Refusal {
  const text = `The arguments are not valid JSON (${jsonError(call.json)}), so this call was not run. Call again with a whole JSON object.`
  return { why: 'arguments', text }
}

function jsonError(json: string): string {
  try {
    JSON.parse(json)
    return 'they are no object'
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'unreadable'
  }
}

export function misfit(problems: readonly string[]): Refusal {
  const text = `The arguments do not fit, so this call was not run. ${problems.join(' ')}`
  return { why: 'arguments', text }
}

export function brokenSchema(name: string, why: string): Refusal {
  const text = `The tool \`${name}\` cannot be used: the schema of its arguments is not valid (${why}). Do without it.`
  return { why: 'arguments', text }
}

/** What a person gave as a reason, if they did. It comes from a page. */
export function wordsOf(reason: unknown): string | undefined {
  return typeof reason === 'string' && reason.trim() !== '' ? reason.trim() : undefined
}

export function denied(said: string | undefined): Refusal {
  if (said !== undefined) return { why: 'denied', text: `The person denied this call and said: ${said}`, said }
  const text = 'The person denied this call. Do not try to do the same in another way; ask what to do instead.'
  return { why: 'denied', text }
}

/** Beside what the call did with the rest. */
export function partly(rejected: readonly string[], said: string | undefined): string {
  const files = `The person rejected the changes of ${rejected.join(', ')}: nothing was changed there.`
  return said !== undefined
    ? `${files} They said: ${said}`
    : `${files} Do not make them in another way; ask what to do instead.`
}

export function timedOut(milliseconds: number): string {
  return `The call took longer than the ${milliseconds / 1000} s it is allowed and was ended. It may have done part of its work.`
}

/** What a tool threw, as far as it is fit to be told. */
export function thrown(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.trim() === '' ? 'The tool failed without saying why.' : words
}
