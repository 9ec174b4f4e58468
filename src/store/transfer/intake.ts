/** Takes conversations of a file into the store so that all of the file is there in the end, or nothing of it. */
import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Fitted, StoredMessage } from '../../shared/conversation.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'
import type { BlobContent, Store } from '../store.ts'
import type { Whole } from '../bulk.ts'
import { blobsOf } from './format.ts'
import type { Report } from './report.ts'

/** Conversations a transaction: each is short, and other windows write in between. */
const BATCH = 50
/** Taking them away again costs more. */
const AT_ONCE = 10

/** When what is here counts as the same: `exact`: field by field. `grown`: it may have more messages and another title. */
export type Same = 'exact' | 'grown'

export class Intake {
  readonly #store: Store
  readonly #report: Report
  readonly #inserted: string[] = []
  readonly #records: RequestRecord[] = []
  #batch: Whole[] = []
  /** Ids of the batch, which the store does not know yet. */
  #ids = new Set<string>()
  #blobs = new Map<string, BlobContent>()
  /** Attachments that the file's conversations name. */
  readonly #named = new Set<string>()

  constructor(store: Store, report: Report) {
    this.#store = store
    this.#report = report
  }

  /** `blobs`: the attachments it names, where they are known already. */
  add(whole: Whole, same: Same, blobs: ReadonlyMap<string, BlobContent> = new Map()): void {
    for (const { message } of whole.messages) for (const hash of blobsOf(message)) this.#named.add(hash)
    const { id } = whole.conversation
    const isTaken = (one: string): boolean => this.#ids.has(one) || this.#store.bulk.isTaken(one)
    const there = this.#store.bulk.read(id)
    if (there && isSame(there, whole, same)) {
      this.#report.identical++
      return
    }
    const clashes = [id, ...idsIn(whole)].some(isTaken)
    if (clashes) this.#report.copies.push(whole.conversation.title)
    const taken = clashes ? renamed(whole) : whole
    this.#batch.push(taken)
    for (const [hash, content] of blobs) this.#blobs.set(hash, content)
    for (const one of [taken.conversation.id, ...idsIn(taken)]) this.#ids.add(one)
    this.#report.conversations++
    this.#report.messages += taken.messages.length
    if (this.#batch.length >= BATCH) this.flush()
  }

  addRecord(record: RequestRecord): void {
    this.#records.push(record)
    this.#report.requests++
  }

  /** True where a conversation of the file names it: only then it is kept. */
  addAttachment(hash: string, content: BlobContent): boolean {
    if (!this.#named.has(hash)) return false
    this.#blobs.set(hash, content)
    this.flush()
    return true
  }

  /** Writes what was gathered, still unseen. The attachments go last: what names them takes them along when it is undone. */
  flush(): void {
    const batch = this.#batch
    if (batch.length > 0) this.#store.bulk.insert(batch)
    this.#inserted.push(...batch.map(({ conversation }) => conversation.id))
    this.#batch = []
    this.#ids = new Set()
    for (const { bytes, mediaType } of this.#blobs.values()) this.#store.blobs.put(bytes, mediaType)
    this.#report.attachments += this.#blobs.size
    this.#blobs = new Map()
  }

  /** Shows everything at once. */
  finish(): void {
    this.flush()
    this.#store.bulk.reveal(this.#inserted, this.#records)
  }

  /** Nobody saw any of it, so that it can go little by little. What cannot be taken away now is purged in time. */
  async undo(): Promise<void> {
    try {
      for (let at = 0; at < this.#inserted.length; at += AT_ONCE) {
        this.#store.bulk.discard(this.#inserted.slice(at, at + AT_ONCE))
        await setImmediate()
      }
    } catch {
      // The error that led here counts.
    }
  }
}

const idsIn = ({ messages, summaries = [] }: Whole): string[] => [...messages, ...summaries].map(({ id }) => id)

function isSame(there: Whole, whole: Whole, same: Same): boolean {
  if (same === 'exact') return isDeepStrictEqual(plain(there), plain(whole))
  const known = new Map(there.messages.map((message) => [message.id, message]))
  return whole.messages.every(({ id, message }) => isDeepStrictEqual(plain(known.get(id)?.message), plain(message)))
}

/** Fields that are undefined and fields that are absent are the same once they are written. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

/** The same conversation under ids that nothing has. */
function renamed({ conversation, messages, summaries }: Whole): Whole {
  const ids = new Map<string, string>()
  const fresh = (id: string): string => {
    const known = ids.get(id) ?? randomUUID()
    ids.set(id, known)
    return known
  }
  const id = randomUUID()
  const leaf = conversation.leaf === undefined ? {} : { leaf: fresh(conversation.leaf) }
  const refit = ({ from, summary, ...fitted }: Fitted): Fitted => ({
    ...fitted,
    ...(from !== undefined && { from: fresh(from) }),
    ...(summary !== undefined && { summary: fresh(summary) }),
  })
  return {
    conversation: { ...conversation, id, ...leaf },
    messages: messages.map((one): StoredMessage => {
      const parent = one.parent === null ? null : fresh(one.parent)
      return { ...one, id: fresh(one.id), conversation: id, parent, ...(one.fitted && { fitted: refit(one.fitted) }) }
    }),
    ...(summaries && {
      summaries: summaries.map((one) => ({ ...one, id: fresh(one.id), conversation: id, through: fresh(one.through) })),
    }),
  }
}
