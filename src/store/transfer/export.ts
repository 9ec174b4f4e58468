/**
 * Writes Panelist's own export piece by piece: one conversation, request record or attachment a line, so that an export
 * of everything costs the memory of its largest conversation.
 */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Store } from '../store.ts'
import { FORMAT, VERSION, blobsOf, toExported } from './format.ts'
import type { Header } from './format.ts'
import type { ExportedBlob } from './model.ts'

/** `conversation`: that one alone; absent: everything. `now`: epoch milliseconds. `by`: the program and its version. */
export type ExportOptions = { conversation?: ConversationId; now: number; by?: string }

/** What an export held. `missing`: attachments that are named but whose bytes are gone or damaged. */
export type ExportCount = { conversations: number; messages: number; attachments: number; missing: number }

/** A piece of the document, and how far it is, from 0 to 1. */
export type Piece = { text: string; done: number }

const RECORDS_A_PAGE = 1_000
/** Until the conversations are written, the rest counts as this part of the work. */
const REST = 0.1

/** Reads the store between its pieces: what changes meanwhile is in the export as it was or as it is, each conversation whole. */
export function* exportPieces(store: Store, options: ExportOptions): Generator<Piece, ExportCount> {
  const { conversation, now, by } = options
  const count: ExportCount = { conversations: 0, messages: 0, attachments: 0, missing: 0 }
  const header: Header = {
    format: FORMAT,
    version: VERSION,
    exportedAt: new Date(now).toISOString(),
    ...(by && { by }),
  }
  yield { text: `${JSON.stringify(header).slice(0, -1)},\n"conversations":[`, done: 0 }
  const hashes = yield* conversations(store, conversation === undefined ? store.bulk.ids() : [conversation], count)
  yield { text: '\n],\n"requests":[', done: 1 - REST }
  yield* requests(store, conversation)
  yield { text: '\n],\n"attachments":[', done: 1 - REST / 2 }
  yield* attachments(store, hashes, count)
  yield { text: '\n]}\n', done: 1 }
  return count
}

/** Gives the hashes of all attachments that were named. */
function* conversations(
  store: Store,
  ids: readonly ConversationId[],
  count: ExportCount,
): Generator<Piece, ReadonlySet<string>> {
  const hashes = new Set<string>()
  for (const [at, id] of ids.entries()) {
    // It may have been deleted since the list was read.
    const whole = store.bulk.read(id)
    if (!whole) continue
    for (const { message } of whole.messages) for (const hash of blobsOf(message)) hashes.add(hash)
    const text = line(count.conversations, toExported(whole))
    count.conversations++
    count.messages += whole.messages.length
    yield { text, done: ((at + 1) / ids.length) * (1 - REST) }
  }
  return hashes
}

function* requests(store: Store, conversation: ConversationId | undefined): Generator<Piece, void> {
  let from: number | undefined = 0
  let written = 0
  while (from !== undefined) {
    const options = { ...(conversation !== undefined && { conversation }), from, limit: RECORDS_A_PAGE }
    const page = store.bulk.requests(options)
    yield { text: page.records.map((record) => line(written++, record)).join(''), done: 1 - REST }
    from = page.next
  }
}

function* attachments(store: Store, hashes: ReadonlySet<string>, count: ExportCount): Generator<Piece, void> {
  for (const hash of hashes) {
    const content = store.blobs.get(hash)
    if (!content) {
      count.missing++
      continue
    }
    const { bytes, mediaType } = content
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
    const blob: ExportedBlob = { hash, mediaType, data }
    yield { text: line(count.attachments++, blob), done: 1 - REST / 2 }
  }
}

const line = (before: number, value: unknown): string => `${before > 0 ? ',' : ''}\n${JSON.stringify(value)}`
