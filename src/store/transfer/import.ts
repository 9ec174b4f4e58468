/** Reads exports: our own, and those of ChatGPT, Claude and VS Code. All of a file or nothing of it. */
import { setImmediate } from 'node:timers/promises'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { BlobContent, Store } from '../store.ts'
import { hashOf } from '../blobs.ts'
import { BadFile } from './bad-file.ts'
import { fromChatGpt, isChatGpt } from './chatgpt.ts'
import { fromClaude, isClaude } from './claude.ts'
import type { Beside, Desk, Foreign } from './foreign.ts'
import { FORMAT, VERSION, fromExported } from './format.ts'
import { Intake } from './intake.ts'
import { exportedBlob, exportedConversation, requestRecord } from './model.ts'
import type { Kind, Report } from './report.ts'
import { newReport } from './report.ts'
import type { Item } from './scan.ts'
import { Scanner } from './scan.ts'
import { whyNoTree } from './tree.ts'
import { fromVsCodeChat, isVsCodeRequest } from './vscode-chat.ts'

export type ImportOptions = {
  /** Aborted: nothing is changed, and the reason is thrown. */
  signal?: AbortSignal
  /** Bytes that were read so far. */
  progress?(bytes: number): void
  /** The file of a data export that goes by this id or name. */
  find?(id: string): Beside | undefined
}

/** The host does other things after this much work, in milliseconds. */
const TURN = 10

/**
 * `chunks`: the bytes of the file; between two of them the host does other things now and then. Throws `BadFile` for a file that
 * cannot be taken, and what the database throws; the store is then as it was.
 */
export async function importChats(
  store: Store,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<Report> {
  const { signal, progress, find = () => undefined } = options
  const importing = new Importing(store, find)
  const scanner = new Scanner((item) => importing.take(item))
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let read = 0
  let begun = performance.now()
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted()
      if (read === 0) refuseArchive(chunk)
      scanner.push(decode(decoder, chunk))
      read += chunk.byteLength
      progress?.(read)
      if (performance.now() - begun < TURN) continue
      await setImmediate()
      begun = performance.now()
    }
    signal?.throwIfAborted()
    scanner.push(decode(decoder))
    scanner.end()
    return importing.finish()
  } catch (error) {
    await importing.intake.undo()
    throw error
  }
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new BadFile('This file is no text in UTF-8, so it is no export of chats, or a damaged one.')
  }
}

function refuseArchive([first, second]: Uint8Array): void {
  if (first !== 0x50 || second !== 0x4b) return
  throw new BadFile('This is a zip archive. Unpack it, and choose the file conversations.json that is in it.')
}

const UNKNOWN =
  'This is no export that Panelist knows. It takes its own exports, conversations.json of ChatGPT and of Claude, and chats exported from VS Code.'

class Importing {
  readonly report: Report = newReport('panelist')
  readonly intake: Intake
  readonly #desk: Desk
  #kind: Kind | undefined
  /** Of a document that is one object: what is no list. */
  readonly #members = new Map<string, Json>()
  readonly #requests: Json[] = []
  readonly #chatMessages: Json[] = []
  /** Elements so far under each key, for words about them. */
  readonly #counts = new Map<string, number>()

  constructor(store: Store, find: Desk['find']) {
    this.intake = new Intake(store, this.report)
    const { notes } = this.report
    this.#desk = { find, note: (what) => void notes.set(what, (notes.get(what) ?? 0) + 1) }
  }

  take({ key, element, value }: Item): void {
    if (key === undefined) return this.#takeForeign(value)
    if (!element) return this.#takeMember(key, value)
    const at = this.#counts.get(key) ?? 0
    this.#counts.set(key, at + 1)
    if (key === 'conversations') {
      if (isChatGpt(value) || isClaude(value)) this.#takeForeign(value)
      else this.#takeOwn(value, at)
    } else if (key === 'chat_messages') this.#chatMessages.push(value)
    else if (key === 'attachments' && this.#kind === 'panelist') this.#takeAttachment(value, at)
    else if (key === 'requests') {
      if (this.#isOwn()) this.intake.addRecord(requestRecord(value, ['requests', at]))
      else if (isVsCodeRequest(value)) this.#requests.push(value)
    }
  }

  finish(): Report {
    const { report } = this
    const members = Object.fromEntries(this.#members) as JsonObject
    if (this.#kind === undefined) {
      if (this.#requests.length > 0) this.#add('vscode', fromVsCodeChat(members, this.#requests, this.#desk))
      else if (isChatGpt(members)) this.#takeForeign(members)
      else if (this.#chatMessages.length > 0)
        this.#takeForeign(Object.assign(members, { chat_messages: this.#chatMessages }))
    }
    if (this.#kind === 'panelist' && !this.#isOwn()) throw new BadFile(UNKNOWN)
    if (report.conversations + report.identical + report.empty === 0)
      throw new BadFile(this.#kind || this.#isOwn() ? 'There is no conversation in this file.' : UNKNOWN)
    if (this.#kind) report.kind = this.#kind
    this.intake.finish()
    return report
  }

  #isOwn(): boolean {
    return this.#members.get('format') === FORMAT
  }

  #takeMember(key: string, value: Json): void {
    this.#members.set(key, value)
    if (key !== 'version' || !this.#isOwn()) return
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw new BadFile('This export of Panelist does not say which version of the format it has.')
    if (value > VERSION)
      throw new BadFile(`This export was written by a newer Panelist (format ${value}). Update Panelist to import it.`)
  }

  #takeOwn(value: Json, at: number): void {
    const whole = fromExported(exportedConversation(value, ['conversations', at]))
    const { title, id, leaf } = whole.conversation
    const why =
      id === '' || whole.messages.some((one) => one.id === '') ? 'an id in it is empty' : whyNoTree(whole.messages)
    if (why) throw new BadFile(`The conversation “${title.slice(0, 80)}” is damaged: ${why}.`)
    this.#kind = 'panelist'
    if (whole.messages.length === 0) {
      this.report.empty++
      return
    }
    const known = leaf !== undefined && whole.messages.some((one) => one.id === leaf)
    const end = known ? leaf : whole.messages.at(-1)!.id
    this.intake.add({ ...whole, conversation: { ...whole.conversation, leaf: end } }, 'exact')
  }

  #takeAttachment(value: Json, at: number): void {
    const { hash, mediaType, data } = exportedBlob(value, ['attachments', at])
    const content: BlobContent = { bytes: Buffer.from(data, 'base64'), mediaType }
    if (hashOf(content.bytes) !== hash)
      throw new BadFile(`.attachments[${at}] is damaged: its bytes are not what they were.`)
    if (!this.intake.addAttachment(hash, content)) this.#desk.note('attachments that no conversation names')
  }

  #takeForeign(value: Json): void {
    if (isChatGpt(value)) return this.#add('chatgpt', fromChatGpt(value, this.#desk))
    if (isClaude(value)) return this.#add('claude', fromClaude(value, this.#desk))
    if (this.#kind === undefined) throw new BadFile(UNKNOWN)
    this.#desk.note(isObject(value) ? 'entries that are no conversations' : 'entries that are no objects')
  }

  #add(kind: Kind, foreign: Foreign | undefined): void {
    this.#kind = kind
    if (foreign) this.intake.add(foreign, 'grown', foreign.blobs)
    else this.report.empty++
  }
}
