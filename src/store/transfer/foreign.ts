/** What the readers of other programs' exports share. They take what they understand and note what they do not. */
import { createHash } from 'node:crypto'
import type { Conversation, StoredMessage } from '../../shared/conversation.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import type { AssistantMessage, Block, Part, Stop, ToolCall } from '../../shared/message.ts'
import { noUsage, textOf } from '../../shared/message.ts'
import { hashOf } from '../blobs.ts'
import type { BlobContent } from '../store.ts'
import type { Whole } from '../bulk.ts'

/** A file that came with the export: its bytes, and its name where that tells more than the export does. */
export type Beside = BlobContent & { name?: string }

/** A conversation of another program, and the attachments it names by their hash. */
export type Foreign = Whole & { blobs: Map<string, BlobContent> }

/** What a reader has at hand. */
export type Desk = {
  /** Counts something that was not taken, under a sentence-like name in the plural. */
  note(what: string): void
  /** The file of the export that goes by this id or name. */
  find(id: string): Beside | undefined
}

/** Ids of our own that are the same whenever the same export is read. */
export function idOf(...parts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}

export const objectAt = (value: unknown, key: string): JsonObject | undefined => {
  const field = own(value, key)
  return isObject(field) ? field : undefined
}
export const textAt = (value: unknown, key: string): string | undefined => {
  const field = own(value, key)
  return typeof field === 'string' ? field : undefined
}
export const listAt = (value: unknown, key: string): Json[] => {
  const field = own(value, key)
  return Array.isArray(field) ? field : []
}
export const numberAt = (value: unknown, key: string): number | undefined => {
  const field = own(value, key)
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined
}
export const own = (value: unknown, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined

/** Epoch milliseconds of ISO 8601 text. */
export function dateOf(text: string | undefined): number | undefined {
  const time = text === undefined ? NaN : Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** Epoch milliseconds of epoch seconds. */
export function secondsOf(seconds: number | undefined): number | undefined {
  return seconds === undefined || Math.abs(seconds) > 8e12 ? undefined : Math.round(seconds * 1_000)
}

/** The attachment as a part, its bytes gathered in `blobs`. */
export function fileOf({ bytes, mediaType, name }: Beside, blobs: Map<string, BlobContent>): Part {
  const hash = hashOf(bytes)
  blobs.set(hash, { bytes, mediaType })
  const media = { mediaType, blob: hash }
  return { type: 'file', media, ...(name !== undefined && { name }), size: bytes.byteLength }
}

const MISSING = '[Attached: '

/** Stands for an attachment whose bytes are not there, for the person and for the next model. */
export function missingFile(name: string): Part {
  return { type: 'text', text: `${MISSING}${name.replace(/\s+/g, ' ')}. The file was not part of the export.]` }
}

/** A call that the other program ran itself. Arguments that are no JSON object go under `text`. */
export function callOf(id: string, name: string, text: string): ToolCall {
  const parsed = parseJson(text)
  const input = isObject(parsed) ? parsed : { text }
  const json = isObject(parsed) ? text : JSON.stringify(input)
  return { type: 'tool-call', id, name, ranBy: 'provider', json, input }
}

/** `provider`: what the history calls the program. No provider speaks the dialect, so nothing is replayed as its own. */
export function answerOf(
  provider: string,
  model: string,
  content: Block[],
  stop: Stop = { kind: 'done' },
): AssistantMessage {
  return { role: 'assistant', content, origin: { provider, dialect: 'import', model }, stop, usage: noUsage() }
}

const TITLE_LENGTH = 60

/** The title of the export, else the first words. */
export function titleOf(title: string | undefined, messages: readonly StoredMessage[]): string {
  if (title?.trim()) return title.trim()
  const first = messages.find(({ message }) => message.role === 'user')
  const said = first?.message.content.filter((part) => part.type === 'text' && !part.text.startsWith(MISSING)) ?? []
  const words = textOf(said).replace(/\s+/g, ' ').trim()
  if (words.length <= TITLE_LENGTH) return words || 'Imported chat'
  const cut = words.slice(0, TITLE_LENGTH)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), TITLE_LENGTH / 2)).toWellFormed()}…`
}

/** Of what its messages say where the export does not. */
export function conversationOf(
  fields: { id: string; title: string | undefined; createdAt: number | undefined; updatedAt: number | undefined },
  messages: readonly StoredMessage[],
  leaf: string | undefined,
): Conversation {
  const createdAt = fields.createdAt ?? messages[0]?.createdAt ?? 0
  const newest = messages.reduce((latest, message) => Math.max(latest, message.createdAt), createdAt)
  const end = leaf ?? messages.at(-1)?.id
  return {
    id: fields.id,
    title: titleOf(fields.title, messages),
    // A title that somebody gave is kept when the chat goes on.
    titledBy: fields.title?.trim() ? 'model' : 'words',
    createdAt,
    updatedAt: fields.updatedAt ?? newest,
    ...(end !== undefined && { leaf: end }),
  }
}
