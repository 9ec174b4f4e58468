/**
 * The one pass that makes a history fit for a provider. History comes from streams that broke, from other dialects and
 * from other versions; after this pass a dialect can translate block by block without looking around.
 *
 * What holds afterwards: every `wire` was written by `dialect`; thinking is this dialect's own; every call has `input`;
 * every host call has exactly one result, in the tool message right after it; every result has its call; no assistant
 * message and no tool message is empty.
 */
import type { AssistantMessage, Block, Message, ToolCall, ToolMessage, ToolResult } from '../shared/message.ts'

export function repair(messages: readonly Message[], dialect: string): Message[] {
  const repaired: Message[] = []
  // Of the whole history: a provider that paused in its own tool brings the result in its next message.
  const made = new Set<string>()
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]
    if (!message || message.role === 'tool') continue // Tool messages are taken with the calls they answer.
    if (message.role === 'user') {
      if (message.content.length > 0) repaired.push({ ...message, content: message.content.map(withoutWire) })
      continue
    }
    const answer = repairedAnswer(message, dialect, made)
    if (answer.content.length === 0) continue
    repaired.push(answer)
    const results = resultsOf(answer, followingResults(messages, at), isOwn(message, dialect))
    if (results) repaired.push(results)
  }
  return repaired
}

function isOwn(message: AssistantMessage, dialect: string): boolean {
  return message.origin.dialect === dialect
}

/** `made`: the calls so far that stay; this answer's own are added. */
function repairedAnswer(message: AssistantMessage, dialect: string, made: Set<string>): AssistantMessage {
  const content = isOwn(message, dialect) ? message.content : message.content.filter(isPortable).map(withoutWire)
  const here = new Set<string>()
  const kept = content.filter((block) => {
    if (block.type === 'tool-result') return block.ranBy === 'provider' && made.has(block.callId)
    if (block.type !== 'tool-call') return !isEmpty(block)
    // Two calls under one id could not be told apart by their results.
    if (block.input === undefined || here.has(block.id)) return false
    here.add(block.id)
    made.add(block.id)
    return true
  })
  return { ...message, content: kept }
}

/** False for what only its own provider can read, and for work another provider did itself: its text tells of it. */
function isPortable(block: Block): boolean {
  if (block.type === 'tool-call') return block.ranBy === 'host'
  return block.type === 'text' || block.type === 'file'
}

function isEmpty(block: Block): boolean {
  return block.type === 'text' && block.text.length === 0 && block.wire === undefined
}

function withoutWire<B extends Block>(block: B): B {
  if (block.wire === undefined) return block
  const { wire: _, ...rest } = block
  return rest as B
}

/** The results in the tool messages between this answer and the next message of another role. */
function followingResults(messages: readonly Message[], at: number): ToolResult[] {
  const results: ToolResult[] = []
  for (let next = at + 1; ; next++) {
    const message = messages[next]
    if (message?.role !== 'tool') return results
    results.push(...message.content)
  }
}

function resultsOf(answer: AssistantMessage, given: ToolResult[], own: boolean): ToolMessage | undefined {
  const calls = answer.content.filter(
    (block): block is ToolCall => block.type === 'tool-call' && block.ranBy === 'host',
  )
  if (calls.length === 0) return undefined
  const content = calls.map((call) => {
    const result = given.find((each) => each.callId === call.id)
    return result ? (own ? result : withoutWire(result)) : neverRan(call)
  })
  return { role: 'tool', content }
}

function neverRan(call: ToolCall): ToolResult {
  const output = [{ type: 'text' as const, text: 'This call was interrupted and was not run.' }]
  return { type: 'tool-result', callId: call.id, name: call.name, ranBy: 'host', output, failed: true }
}
