/** An image that goes with a message: base64 for the host, a blob address for the thumbnail. */
import type { File as FilePart } from '../../src/shared/message.ts'

const MOST_BYTES = 10 * 1024 * 1024
const KINDS = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export const ACCEPTED = [...KINDS].join(',')

export class Attachment {
  readonly name: string
  readonly part: FilePart
  readonly preview: string

  private constructor(file: File, data: string) {
    this.name = file.name || 'image'
    this.part = { type: 'file', name: this.name, media: { mediaType: file.type, data } }
    this.preview = URL.createObjectURL(file)
  }

  release(): void {
    URL.revokeObjectURL(this.preview)
  }

  /** Throws an error whose message is for the person. */
  static async read(file: File): Promise<Attachment> {
    if (!KINDS.has(file.type))
      throw new Error(`${file.name} is not an image that models can read (PNG, JPEG, GIF, WebP).`)
    if (file.size > MOST_BYTES) throw new Error(`${file.name} is larger than 10 MB.`)
    return new Attachment(file, await base64(file))
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
