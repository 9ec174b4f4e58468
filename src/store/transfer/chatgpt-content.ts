/** What one node of a ChatGPT export says, as blocks. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Part } from '../../shared/message.ts'
import type { BlobContent } from '../store.ts'
import type { Desk } from './foreign.ts'
import { callOf, fileOf, listAt, missingFile, objectAt, own, textAt } from './foreign.ts'

type Said = { role: 'user' | 'assistant'; content: Block[] }
type Context = { desk: Desk; blobs: Map<string, BlobContent> }

/** Undefined for what nobody sees in ChatGPT either. `openCalls`: the calls of this answer that wait for a result. */
export function blocksOf(message: JsonObject, context: Context, openCalls: readonly string[]): Said | undefined {
  const role = textAt(objectAt(message, 'author'), 'role')
  const metadata = objectAt(message, 'metadata')
  if (own(metadata, 'is_visually_hidden_from_conversation') === true) return undefined
  const content = objectAt(message, 'content')
  const kind = textAt(content, 'content_type') ?? 'text'
  if (kind === 'user_editable_context' || kind === 'model_editable_context') {
    context.desk.note('custom instructions and memories')
    return undefined
  }
  if (role === 'user') return some('user', userParts(content, metadata, context))
  if (role === 'assistant') return some('assistant', answerBlocks(message, content, kind, context))
  if (role === 'tool') return some('assistant', resultBlocks(message, content, context, openCalls))
  if (role === 'system' && plainText(content) !== '') context.desk.note('system messages')
  return undefined
}

const some = (role: Said['role'], content: Block[]): Said | undefined =>
  content.length > 0 ? { role, content } : undefined

function userParts(content: JsonObject | undefined, metadata: JsonObject | undefined, context: Context): Part[] {
  const attachments = listAt(metadata, 'attachments').filter(isObject)
  const shown = new Set<string>()
  const parts = listAt(content, 'parts').flatMap((part) => partOf(part, attachments, shown, context))
  const others = attachments.filter((one) => !shown.has(textAt(one, 'id') ?? ''))
  return [...parts, ...others.map((one) => attached(textAt(one, 'id') ?? '', one, context))]
}

/** Text, a picture, or what was said aloud. */
function partOf(part: Json, attachments: readonly JsonObject[], shown: Set<string>, context: Context): Part[] {
  if (typeof part === 'string') return part.trim() === '' ? [] : [{ type: 'text', text: part }]
  const kind = textAt(part, 'content_type') ?? 'unknown'
  const pointer = textAt(part, 'asset_pointer')
  if (kind === 'audio_transcription') return textPart(textAt(part, 'text'))
  if (kind.startsWith('audio') || kind.startsWith('real_time')) {
    context.desk.note('recordings of speech (what was said is taken as text)')
    return []
  }
  if (pointer === undefined) {
    context.desk.note(`parts of the kind “${kind.slice(0, 40)}”`)
    return []
  }
  const id = pointer.replace(/^[\w-]+:\/\//, '').replace(/[?#].*$/, '')
  shown.add(id)
  return [
    attached(
      id,
      attachments.find((one) => textAt(one, 'id') === id),
      context,
      'image',
    ),
  ]
}

function attached(id: string, described: JsonObject | undefined, { desk, blobs }: Context, kind = 'file'): Part {
  const name = textAt(described, 'name')
  const found = id ? desk.find(id) : undefined
  if (found) return fileOf({ ...found, ...(name !== undefined && { name }) }, blobs)
  desk.note('attachments that the export names but does not hold')
  return missingFile(name ?? kind)
}

const textPart = (text: string | undefined): Part[] => (text?.trim() ? [{ type: 'text', text }] : [])

function answerBlocks(message: JsonObject, content: JsonObject | undefined, kind: string, context: Context): Block[] {
  const recipient = textAt(message, 'recipient') ?? 'all'
  if (recipient !== 'all') {
    const text = textAt(content, 'text') ?? plainText(content)
    return text.trim() ? [callOf(textAt(message, 'id') ?? recipient, recipient, text)] : []
  }
  switch (kind) {
    case 'text':
    case 'multimodal_text': {
      const metadata = objectAt(message, 'metadata')
      const parts = listAt(content, 'parts').flatMap((part) => partOf(part, [], new Set(), context))
      return parts.map((part) => (part.type === 'text' ? { ...part, text: withSources(part.text, metadata) } : part))
    }
    case 'code':
      return textPart(fenced(textAt(content, 'text') ?? '', textAt(content, 'language') ?? ''))
    case 'thoughts':
      return thoughts(content)
    case 'reasoning_recap':
      return []
    default: {
      const text = textAt(content, 'text') ?? textAt(content, 'result') ?? plainText(content)
      if (!text.trim()) context.desk.note(`answers of the kind “${kind.slice(0, 40)}”`)
      return textPart(text)
    }
  }
}

function fenced(code: string, language: string): string {
  if (!code.trim()) return ''
  return `\`\`\`\`${/^[\w+#-]+$/.test(language) && language !== 'unknown' ? language : ''}\n${code}\n\`\`\`\``
}

function thoughts(content: JsonObject | undefined): Block[] {
  const said = listAt(content, 'thoughts').map((thought) => {
    const summary = textAt(thought, 'summary')
    return [summary ? `**${summary}**` : '', textAt(thought, 'content') ?? ''].filter(Boolean).join('\n\n')
  })
  const text = said.filter(Boolean).join('\n\n')
  return text ? [{ type: 'thinking', text }] : []
}

/** Pictures that a tool made are shown as a part of the answer, everything else as the result of the call. */
function resultBlocks(
  message: JsonObject,
  content: JsonObject | undefined,
  context: Context,
  openCalls: readonly string[],
): Block[] {
  const parts = listAt(content, 'parts').flatMap((part) => partOf(part, [], new Set(), context))
  const pictures = parts.filter((part) => part.type === 'file')
  const words = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  const text = textAt(content, 'text') ?? textAt(content, 'result') ?? words.join('\n')
  const name = textAt(objectAt(message, 'author'), 'name') ?? 'tool'
  if (!text.trim()) return pictures
  const callId = openCalls[0]
  const id = callId ?? textAt(message, 'id') ?? name
  const call = callId === undefined ? [callOf(id, name, '{}')] : []
  const output: Part[] = [{ type: 'text', text }]
  return [...call, { type: 'tool-result', callId: id, name, ranBy: 'provider', output }, ...pictures]
}

function plainText(content: JsonObject | undefined): string {
  return listAt(content, 'parts')
    .filter((part) => typeof part === 'string')
    .join('\n')
    .trim()
}

/** Sources stand in the text as signs of a private alphabet; what they mean is told beside it, as Markdown. */
function withSources(text: string, metadata: JsonObject | undefined): string {
  let shown = text
  for (const reference of listAt(metadata, 'content_references')) {
    const matched = textAt(reference, 'matched_text')
    if (matched && matched.length > 1 && matched.startsWith('\ue200'))
      shown = shown.replaceAll(matched, () => textAt(reference, 'alt') ?? '')
  }
  return shown.replace(/\ue200[^\ue201]*\ue201/g, '')
}
