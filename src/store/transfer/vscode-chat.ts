/**
 * What VS Code's command “Chat: Export Chat...” writes: one conversation as a list of `requests`, each with the message
 * and the parts of its response. Markdown stands as `{ value }` without a kind, everything else has one.
 */
import type { StoredMessage } from '../../shared/conversation.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Part, Stop } from '../../shared/message.ts'
import type { Desk, Foreign } from './foreign.ts'
import {
  answerOf,
  callOf,
  conversationOf,
  idOf,
  listAt,
  missingFile,
  numberAt,
  objectAt,
  own,
  textAt,
} from './foreign.ts'

const PROVIDER = 'vscode-chat'

/** What tells a person nothing that the rest does not. */
const QUIET = new Set([
  'codeblockUri',
  'undoStop',
  'prepareToolInvocation',
  'progressMessage',
  'progressTask',
  'progressTaskSerialized',
  'mcpServersStarting',
  'confirmation',
  'command',
  'references',
  'codeCitation',
  'clearToPreviousToolInvocation',
])

/** `data` without `requests`, which may be many. */
export function fromVsCodeChat(data: JsonObject, requests: readonly Json[], desk: Desk): Foreign | undefined {
  const first = requests[0]
  const key =
    textAt(data, 'sessionId') ?? JSON.stringify([own(first, 'requestId'), own(first, 'timestamp'), said(first)])
  const id = idOf(PROVIDER, key)
  const messages: StoredMessage[] = []
  const createdAt = time(numberAt(data, 'creationDate')) ?? time(numberAt(first, 'timestamp'))
  const add = (
    name: string,
    at: number,
    message: StoredMessage['message'],
    more: Partial<StoredMessage> = {},
  ): void => {
    const parent = messages.at(-1)?.id ?? null
    messages.push({
      id: idOf(PROVIDER, id, name),
      conversation: id,
      parent,
      createdAt: at,
      state: 'done',
      message,
      ...more,
    })
  }
  for (const [at, request] of requests.entries()) {
    if (!isObject(request)) {
      desk.note('requests that are none')
      continue
    }
    const sentAt = time(numberAt(request, 'timestamp')) ?? messages.at(-1)?.createdAt ?? createdAt ?? 0
    const asked = questionOf(request, desk)
    if (asked.length > 0) add(`${at} question`, sentAt, { role: 'user', content: asked })
    const content = answerBlocks(request, desk)
    const stop = stopOf(request)
    if (content.length === 0 && stop.kind === 'done') continue
    const durationMs = numberAt(objectAt(objectAt(request, 'result'), 'timings'), 'totalElapsed')
    add(`${at} answer`, sentAt, answerOf(PROVIDER, modelOf(request), content, stop), {
      state: stop.kind === 'done' ? 'done' : 'interrupted',
      ...(durationMs !== undefined && { timing: { startedAt: sentAt, durationMs } }),
    })
  }
  if (messages.length === 0) return undefined
  const title = textAt(data, 'customTitle') ?? textAt(data, 'computedTitle')
  const fields = { id, title, createdAt, updatedAt: time(numberAt(data, 'lastMessageDate')) }
  return { conversation: conversationOf(fields, messages, undefined), messages, blobs: new Map() }
}

const time = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined || Math.abs(milliseconds) > 8.64e15 ? undefined : Math.round(milliseconds)

/** `vendor/model`, or what older versions say under the answer. */
function modelOf(request: JsonObject): string {
  const id = textAt(request, 'modelId')
  return id?.replace(/^[^/]*\//, '') || textAt(objectAt(request, 'agent'), 'name') || 'unknown'
}

function said(request: unknown): string {
  const message = own(request, 'message')
  if (typeof message === 'string') return message
  const parts = listAt(message, 'parts').map((part) => textAt(part, 'text') ?? '')
  return textAt(message, 'text') ?? parts.join('')
}

function questionOf(request: JsonObject, desk: Desk): Part[] {
  const text = said(request)
  const named = listAt(objectAt(request, 'variableData'), 'variables').map((variable) => textAt(variable, 'name'))
  const files = named.filter((name) => name !== undefined && name !== '')
  if (files.length > 0) desk.note('attachments that the export names but does not hold')
  return [...files.map((name) => missingFile(name!)), ...(text.trim() ? [{ type: 'text' as const, text }] : [])]
}

function stopOf(request: JsonObject): Stop {
  const message = textAt(objectAt(objectAt(request, 'result'), 'errorDetails'), 'message')
  if (own(request, 'isCanceled') === true) return { kind: 'aborted' }
  return message === undefined ? { kind: 'done' } : { kind: 'failed', failure: { code: 'unknown', message } }
}

function answerBlocks(request: JsonObject, desk: Desk): Block[] {
  const blocks: Block[] = []
  let text = ''
  const flush = (): void => {
    if (text.trim()) blocks.push({ type: 'text', text: text.trim() })
    text = ''
  }
  for (const part of listAt(request, 'response')) {
    const words = wordsOf(part)
    if (words !== undefined) {
      text += words
      continue
    }
    const made = blockOf(part, blocks.length, desk)
    if (made.length === 0) continue
    flush()
    blocks.push(...made)
  }
  flush()
  return blocks
}

/** What is part of the running text. */
function wordsOf(part: Json): string | undefined {
  if (typeof part === 'string') return part
  const kind = textAt(part, 'kind')
  if (kind === undefined) return textAt(part, 'value')
  if (kind === 'markdownContent' || kind === 'markdownVuln') return textAt(objectAt(part, 'content'), 'value')
  if (kind !== 'inlineReference') return undefined
  const reference = objectAt(part, 'inlineReference')
  return `\`${textAt(part, 'name') ?? textAt(reference, 'name') ?? nameOf(reference)}\``
}

/** The last part of the path of a URI, or of a place in one. */
function nameOf(reference: JsonObject | undefined): string {
  const uri = objectAt(reference, 'uri') ?? objectAt(objectAt(reference, 'location'), 'uri') ?? reference
  const path = textAt(uri, 'path') ?? textAt(uri, 'fsPath') ?? textAt(uri, 'external') ?? ''
  return path.split(/[/\\]/).at(-1) || 'file'
}

function blockOf(part: Json, at: number, desk: Desk): Block[] {
  const kind = textAt(part, 'kind') ?? 'unknown'
  if (kind === 'thinking') {
    const value = own(part, 'value')
    const text = Array.isArray(value) ? value.filter((one) => typeof one === 'string').join('\n') : value
    return typeof text === 'string' && text.trim() ? [{ type: 'thinking', text }] : []
  }
  if (kind === 'toolInvocationSerialized' || kind === 'toolInvocation') return callBlocks(part, at)
  if (kind === 'textEditGroup' || kind === 'notebookEditGroup') {
    desk.note('edits of files (the names of the files are taken)')
    return [{ type: 'text', text: `*Edited \`${nameOf(objectAt(part, 'uri'))}\`*` }]
  }
  if (!QUIET.has(kind)) desk.note(`parts of the kind “${kind.slice(0, 40)}”`)
  return []
}

function callBlocks(part: Json, at: number): Block[] {
  const id = textAt(part, 'toolCallId') ?? `call-${at}`
  const name = textAt(part, 'toolId') ?? 'tool'
  const details = objectAt(part, 'resultDetails')
  const command = objectAt(objectAt(part, 'toolSpecificData'), 'commandLine')
  const typed = textAt(command, 'original') ?? textAt(objectAt(part, 'toolSpecificData'), 'command')
  const input = textAt(details, 'input') ?? (typed === undefined ? '{}' : JSON.stringify({ command: typed }))
  const given = listAt(details, 'output').map((one) => textAt(one, 'value') ?? '')
  const words = markdownOf(own(part, 'pastTenseMessage')) ?? markdownOf(own(part, 'invocationMessage')) ?? ''
  const text = given.filter(Boolean).join('\n') || words
  const output: Part[] = text ? [{ type: 'text', text }] : []
  const failed = own(details, 'isError') === true
  const result = { type: 'tool-result', callId: id, name, ranBy: 'provider', output } as const
  return [callOf(id, name, input), failed ? { ...result, failed: true } : result]
}

const markdownOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : textAt(value, 'value'))

export const isVsCodeRequest = (value: unknown): boolean =>
  isObject(value) &&
  own(value, 'message') !== undefined &&
  (own(value, 'response') !== undefined || own(value, 'requestId') !== undefined)
