/**
 * `conversations.json` of a Claude data export: a list of conversations with their `chat_messages`. The format is not
 * documented by its maker; it was read off published exports of 2024 to 2026. Newer ones name each message's parent,
 * older ones are a plain list.
 */
import type { StoredMessage } from '../../shared/conversation.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Part } from '../../shared/message.ts'
import type { BlobContent } from '../store.ts'
import type { Desk, Foreign } from './foreign.ts'
import { answerOf, callOf, conversationOf, dateOf, fileOf, idOf, listAt, missingFile, own, textAt } from './foreign.ts'
import { unlooped } from './tree.ts'

const PROVIDER = 'claude.ai'
/** What the first messages name as their parent. */
const ROOT = '00000000-0000-4000-8000-000000000000'

type Context = { desk: Desk; blobs: Map<string, BlobContent> }

export function fromClaude(data: JsonObject, desk: Desk): Foreign | undefined {
  const said = listAt(data, 'chat_messages').filter(isObject)
  const key = textAt(data, 'uuid') ?? JSON.stringify([data.name, data.created_at])
  const id = idOf(PROVIDER, key)
  const context = { desk, blobs: new Map<string, BlobContent>() }
  const model = textAt(data, 'model')
  const createdAt = dateOf(textAt(data, 'created_at'))
  const messages: StoredMessage[] = []
  const names = new Map<string, string>()
  for (const [at, one] of said.entries()) {
    const content = contentOf(one, context)
    const own = idOf(PROVIDER, id, textAt(one, 'uuid') ?? String(at))
    const before = messages.at(-1)
    const parent = parentOf(one, names, before?.id ?? null)
    // A message without anything in it passes its place on to those that answer it.
    names.set(textAt(one, 'uuid') ?? String(at), content.length > 0 ? own : (parent ?? ''))
    if (content.length === 0) continue
    const time = dateOf(textAt(one, 'created_at')) ?? before?.createdAt ?? createdAt ?? 0
    const message: StoredMessage['message'] =
      textAt(one, 'sender') === 'human'
        ? { role: 'user', content: content as Part[] }
        : answerOf(PROVIDER, textAt(one, 'model') ?? model ?? 'claude', content)
    messages.push({ id: own, conversation: id, parent, createdAt: time, state: 'done', message })
  }
  if (messages.length === 0) return undefined
  const tree = unlooped(messages, () => desk.note('messages that stood in a circle or twice'))
  const leaf = names.get(textAt(data, 'current_leaf_message_uuid') ?? '') || undefined
  const fields = { id, title: textAt(data, 'name'), createdAt, updatedAt: dateOf(textAt(data, 'updated_at')) }
  return { conversation: conversationOf(fields, tree, leaf), messages: tree, blobs: context.blobs }
}

/** Parents come before their answers. One that is not there leaves its answers where they stand in the list. */
function parentOf(message: JsonObject, names: ReadonlyMap<string, string>, before: string | null): string | null {
  const parent = textAt(message, 'parent_message_uuid')
  if (parent === undefined) return before
  if (parent === ROOT) return null
  const known = names.get(parent)
  return known === undefined ? before : known || null
}

function contentOf(message: JsonObject, context: Context): Block[] {
  const human = textAt(message, 'sender') === 'human'
  const blocks: Block[] = []
  for (const block of listAt(message, 'content')) blocks.push(...blockOf(block, blocks, human, context))
  if (blocks.length === 0) blocks.push(...textBlock(textAt(message, 'text')))
  return [...files(message, context), ...blocks]
}

const textBlock = (text: string | undefined): Part[] => (text?.trim() ? [{ type: 'text', text }] : [])

function blockOf(block: Json, before: readonly Block[], human: boolean, { desk }: Context): Block[] {
  const kind = textAt(block, 'type') ?? 'unknown'
  if (kind === 'text') return textBlock(textAt(block, 'text'))
  if (!human) {
    if (kind === 'thinking') {
      const text = textAt(block, 'thinking')
      return text?.trim() ? [{ type: 'thinking', text }] : []
    }
    if (kind === 'tool_use') {
      const input = own(block, 'input')
      const name = textAt(block, 'name') ?? 'tool'
      return [callOf(textAt(block, 'id') ?? `${name}-${before.length}`, name, JSON.stringify(input ?? {}))]
    }
    if (kind === 'tool_result') return [resultOf(block, before)]
    if (kind === 'token_budget' || kind === 'flag') return []
  }
  desk.note(`parts of the kind “${kind.slice(0, 40)}”`)
  return []
}

function resultOf(block: Json, before: readonly Block[]): Block {
  const last = before.findLast((one) => one.type === 'tool-call')
  const name = textAt(block, 'name') ?? last?.name ?? 'tool'
  const callId = textAt(block, 'tool_use_id') ?? last?.id ?? name
  const words = listAt(block, 'content').map((part) => textAt(part, 'text') ?? '')
  const output: Part[] = textBlock(words.join('\n').trim() || textAt(block, 'content'))
  const failed = own(block, 'is_error') === true
  return { type: 'tool-result', callId, name, ranBy: 'provider', output, ...(failed && { failed: true as const }) }
}

/** Of attachments the export holds the text, of other files the name alone. */
function files(message: JsonObject, { desk, blobs }: Context): Part[] {
  const attachments = listAt(message, 'attachments').flatMap((one): Part[] => {
    const name = textAt(one, 'file_name')?.trim() || 'pasted text'
    const text = textAt(one, 'extracted_content')
    if (text) return [fileOf({ bytes: Buffer.from(text), mediaType: 'text/plain', name }, blobs)]
    return [found(name, textAt(one, 'id') ?? name)]
  })
  const seen = new Set<string>()
  const others = [...listAt(message, 'files'), ...listAt(message, 'files_v2')].flatMap((one): Part[] => {
    const name = textAt(one, 'file_name')?.trim() || 'file'
    const id = textAt(one, 'file_uuid') ?? name
    if (seen.has(id)) return []
    seen.add(id)
    return [found(name, id)]
  })
  function found(name: string, id: string): Part {
    const beside = desk.find(id)
    if (beside) return fileOf({ ...beside, name }, blobs)
    desk.note('attachments that the export names but does not hold')
    return missingFile(name)
  }
  return [...attachments, ...others]
}

export const isClaude = (value: unknown): value is JsonObject =>
  isObject(value) && Array.isArray(own(value, 'chat_messages'))
