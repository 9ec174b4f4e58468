/** A file that goes with a message: what the host gets, and an address for the thumbnail. */
import { attachedOf } from '../../src/shared/attached.ts'
import type { AttachmentReader } from '../../src/shared/attachments.ts'
import { LARGEST_FILE, refusalOf } from '../../src/shared/attachments.ts'
import type { File as FilePart } from '../../src/shared/message.ts'
import type { ContextFacts } from '../../src/shared/protocol.ts'
import type { Fitted } from './picture.ts'
import { fit } from './picture.ts'

/** What every provider that sees images takes, in a size that every one takes. Any other image gets a stand-in. */
const COMMON = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
const COMMON_BYTES = 5 * 1024 * 1024

/** What goes to a model: the file itself, or what was made of it and how (`note`). */
export type Going = { part: FilePart; note?: string }

export class Attachment {
  readonly id: string
  readonly name: string
  readonly mediaType: string
  /** Absent where there is nothing to see, or the bytes are not at hand. */
  readonly preview: string | undefined
  /** What its chip says, where it is text that goes along as an attachment. */
  readonly context: ContextFacts | undefined
  /** The file as it is, then what stands in for it. At least one. */
  readonly #ways: readonly Going[]
  #words: string | undefined

  private constructor(
    ways: readonly [Going, ...Going[]],
    preview: string | undefined,
    { id, context }: { id?: string | undefined; context?: ContextFacts } = {},
  ) {
    const [{ part }] = ways
    this.id = id ?? crypto.randomUUID()
    this.name = part.name || 'image'
    this.mediaType = part.media.mediaType
    this.preview = preview
    this.context = context
    this.#ways = ways
  }

  /** A file of a message that was sent before. */
  static of(part: FilePart): Attachment {
    const { mediaType, data } = part.media
    const shown = data !== undefined && mediaType.startsWith('image/')
    return new Attachment([{ part }], shown ? `data:${mediaType};base64,${data}` : undefined)
  }

  /** Text under a name that the model reads over it. `data`: base64. */
  static text(name: string, data: string, context: ContextFacts, id?: string): Attachment {
    return new Attachment([{ part: { type: 'file', name, media: { mediaType: 'text/plain', data } } }], undefined, {
      id,
      context,
    })
  }

  /** Throws an error whose message is for the person. */
  static async read(file: File, mediaType: string, id?: string): Promise<Attachment> {
    const name = file.name || 'image'
    const image = mediaType.startsWith('image/')
    const usual = image ? COMMON.has(mediaType) && file.size <= COMMON_BYTES : true
    const fitted = usual ? undefined : await fit(file)
    const ways = fitted ? [await standIn(fitted, name)] : []
    if (file.size <= LARGEST_FILE) ways.unshift({ part: await filePart(file, name, mediaType) })
    const [first, ...others] = ways
    if (!first) throw new Error(refusalOf({ name, mediaType, size: file.size }, { provider: '' }))
    const seen = fitted?.blob ?? (COMMON.has(mediaType) ? file : undefined)
    return new Attachment([first, ...others], seen && URL.createObjectURL(seen), { id })
  }

  /** The file as it is, or where it is too large for us what stands in for it. */
  get source(): FilePart {
    return this.#ways[0]!.part
  }

  /** The text of a text file, where its bytes are at hand. */
  get words(): string | undefined {
    const { data } = this.source.media
    if (data === undefined || !this.mediaType.startsWith('text/')) return undefined
    return (this.#words ??= new TextDecoder().decode(
      Uint8Array.from(atob(data), (character) => character.charCodeAt(0)),
    ))
  }

  /** What this reader gets: the file itself where it can take that. */
  goingTo(reader: AttachmentReader | undefined): Going {
    const fits = ({ part }: Going): boolean => !reader || refusalOf(attachedOf(part), reader) === undefined
    return this.#ways.find(fits) ?? this.#ways[0]!
  }

  /** To be called once it is neither shown nor sent any more. */
  release(): void {
    if (this.preview?.startsWith('blob:')) URL.revokeObjectURL(this.preview)
  }
}

async function standIn({ blob, note }: Fitted, name: string): Promise<Going> {
  return { part: await filePart(blob, name, blob.type), note }
}

async function filePart(bytes: Blob, name: string, mediaType: string): Promise<FilePart> {
  return { type: 'file', name, media: { mediaType, data: await base64(bytes, name) } }
}

function base64(bytes: Blob, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(new Error(`${name} could not be read. If it is a folder, attach the files in it.`))
    reader.readAsDataURL(bytes)
  })
}
