/** An image that goes with a message: what the host gets, and an address for the thumbnail. */
import type { File as FilePart } from '../../src/shared/message.ts'

const MOST_BYTES = 10 * 1024 * 1024
const KINDS = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export const ACCEPTED = [...KINDS].join(',')

export class Attachment {
  readonly name: string
  readonly part: FilePart
  /** Absent where the bytes are not at hand. */
  readonly preview: string | undefined

  private constructor(part: FilePart, preview: string | undefined) {
    this.name = part.name || 'image'
    this.part = part
    this.preview = preview
  }

  /** A file of a message that was sent before. */
  static of(part: FilePart): Attachment {
    const { mediaType, data } = part.media
    const shown = data !== undefined && mediaType.startsWith('image/')
    return new Attachment(part, shown ? `data:${mediaType};base64,${data}` : undefined)
  }

  /** To be called once it is neither shown nor sent any more. */
  release(): void {
    if (this.preview?.startsWith('blob:')) URL.revokeObjectURL(this.preview)
  }

  /** Throws an error whose message is for the person. */
  static async read(file: File): Promise<Attachment> {
    if (!KINDS.has(file.type))
      throw new Error(`${file.name} is not an image that models can read (PNG, JPEG, GIF, WebP).`)
    if (file.size > MOST_BYTES) throw new Error(`${file.name} is larger than 10 MB.`)
    const media = { mediaType: file.type, data: await base64(file) }
    return new Attachment({ type: 'file', name: file.name || 'image', media }, URL.createObjectURL(file))
  }
}

/** Whether any of these can be attached. */
export const imagesOf = (files: FileList | null | undefined): File[] =>
  [...(files ?? [])].filter((file) => file.type.startsWith('image/'))

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(new Error(`${file.name} could not be read.`))
    reader.readAsDataURL(file)
  })
}
