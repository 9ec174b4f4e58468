/**
 * The one pass that makes a history fit for a provider. History comes from streams that broke, from other providers and
 * from other versions; after this pass a dialect can translate block by block without looking around.
 *
 * What holds afterwards: the first message is the user's, and no two of the user's stand together; every `wire` was
 * written by this provider in this dialect, and so was all thinking; every call has `input`; every host call has exactly
 * one result, in the tool message right after it; every result has its call; another provider's calls have ids and names
 * that any API takes; no message is empty and no text holds half a character.
 */
import type {
  AssistantMessage,
  Block,
  Message,
  Part,
  ToolCall,
  ToolMessage,
  ToolResult,
  UserMessage,
} from '../shared/message.ts'
import type { ProviderId } from '../shared/model.ts'
import { CallIds, portable, wellFormed, withoutWire } from './portable.ts'

/** Who the history is for. Without `provider` every provider of the dialect counts as the same. */
type Reader = { dialect: string; provider: ProviderId | undefined }

export function repair(messages: readonly Message[], dialect: string, provider?: ProviderId): Message[] {
  const reader = { dialect, provider }
  const repaired: Message[] = []
  const ids = new CallIds()
  // Of the whole history: a provider that paused in its own tool brings the result in its next message.
  const made = new Set<string>()
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]
    if (!message || message.role === 'tool') continue // Tool messages are taken with the calls they answer.
    if (message.role === 'user') {
      addWords(repaired, parts(message.content))
      continue
    }
    const own = isOwn(message, reader)
    const renamed = new Map<string, ToolCall>()
    const answer = own ? ownAnswer(message, made, ids, renamed) : foreignAnswer(message, ids, renamed)
    if (answer.content.length === 0) continue
    if (repaired.length === 0) repaired.push(beginning)
    repaired.push(answer)
    const results = resultsOf(renamed, followingResults(messages, at), own)
    if (results) repaired.push(results)
  }
  return repaired
}

const beginning: UserMessage = {
  role: 'user',
  content: [{ type: 'text', text: '(The beginning of this conversation is not shown.)' }],
}

function isOwn({ origin }: AssistantMessage, { dialect, provider }: Reader): boolean {
  return origin.dialect === dialect && (provider === undefined || origin.provider === provider)
}

/** Adds what a person said, to what they said just before where nothing stands between. */
function addWords(repaired: Message[], content: Part[]): void {
  if (content.length === 0) return
  const last = repaired.at(-1)
  if (last?.role !== 'user') repaired.push({ role: 'user', content })
  else repaired[repaired.length - 1] = { ...last, content: [...last.content, ...content] }
}

/** What a person or a tool gave. No provider made it, so no seal in it is one. */
function parts(content: readonly Part[]): Part[] {
  const said = content.filter((part) => part.type !== 'text' || part.text.trim() !== '')
  return said.map((part) => wellFormed(withoutWire(part)))
}

/**
 * `made`: the calls so far that stay; this answer's own are added. `calls`: gets the host calls of this answer, by the
 * id their results know them by.
 */
function ownAnswer(
  message: AssistantMessage,
  made: Set<string>,
  ids: CallIds,
  calls: Map<string, ToolCall>,
): AssistantMessage {
  const here = new Set<string>()
  const kept = message.content.filter((block) => {
    if (block.type === 'tool-result') return block.ranBy === 'provider' && made.has(block.callId)
    if (block.type !== 'tool-call') return !isEmpty(block)
    // Two calls under one id could not be told apart by their results.
    if (block.input === undefined || here.has(block.id)) return false
    here.add(block.id)
    made.add(block.id)
    ids.keep(block.id)
    if (block.ranBy === 'host') calls.set(block.id, block)
    return true
  })
  return { ...message, content: kept.map((block) => (block.wire === undefined ? wellFormed(block) : block)) }
}

function foreignAnswer(message: AssistantMessage, ids: CallIds, calls: Map<string, ToolCall>): AssistantMessage {
  const content = message.content.flatMap((block) => {
    if (block.type === 'tool-call' && calls.has(block.id)) return []
    const taken = portable(block, ids)
    if (block.type === 'tool-call' && taken?.type === 'tool-call') calls.set(block.id, taken)
    return taken ? [taken] : []
  })
  return { ...message, content }
}

function isEmpty(block: Block): boolean {
  return block.type === 'text' && block.text.length === 0 && block.wire === undefined
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

/** One result for each call, in the order of the calls. */
function resultsOf(calls: ReadonlyMap<string, ToolCall>, given: ToolResult[], own: boolean): ToolMessage | undefined {
  if (calls.size === 0) return undefined
  const content = [...calls].map(([id, call]) => {
    const result = given.find((each) => each.callId === id)
    if (!result) return neverRan(call)
    const output = parts(result.output)
    return own ? { ...result, output } : { ...withoutWire(result), callId: call.id, name: call.name, output }
  })
  return { role: 'tool', content }
}

function neverRan(call: ToolCall): ToolResult {
  const output = [{ type: 'text' as const, text: 'This call was interrupted and was not run.' }]
  return { type: 'tool-result', callId: call.id, name: call.name, ranBy: 'host', output, failed: true }
}
