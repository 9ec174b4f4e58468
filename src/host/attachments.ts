/** Attached bytes: kept once by content in the store, and put back into a message where a provider or a page needs them. */
import { Buffer } from 'node:buffer'
import { posix } from 'node:path'
import type { Block, File, Media, Message, Part, ToolMessage } from '../shared/message.ts'
import type { Store } from '../store/store.ts'

type Blobs = Store['blobs']

/** The part as it is stored: its bytes by hash. */
export function save(part: Part, blobs: Blobs): Part {
  if (part.type !== 'file' || part.media.data === undefined) return part
  const { mediaType, data } = part.media
  const bytes = Buffer.from(data, 'base64')
  return { ...part, size: bytes.length, media: { mediaType, blob: blobs.put(bytes, mediaType) } }
}

/** The message for a page: with the bytes of its images, which are drawn, and without those of any other file. */
export function show<T extends Message>(message: T, blobs: Blobs): T {
  return load(message, blobs, (file) => isImage(file) || file.size === undefined)
}

/** The file's bytes and a name for them. Throws a sentence for the person where there are none. */
export function bytesOf(block: Block | undefined, blobs: Blobs): { name: string; bytes: Uint8Array } {
  const name = (block?.type === 'file' && block.name) || 'attachment'
  const { data, blob }: Partial<Media> = block?.type === 'file' ? block.media : {}
  const bytes = data === undefined ? blob && blobs.get(blob)?.bytes : Buffer.from(data, 'base64')
  if (!bytes) throw new Error(`${name} is no longer in the database.`)
  return { name: posix.basename(name.replaceAll('\\', '/')), bytes }
}

/** The message with its bytes in it, those of tool results too. Returns the same message where there are none to load. */
export function load<T extends Message>(message: T, blobs: Blobs, wanted = (_: File): boolean => true): T {
  const loaded = (block: Block): Block => {
    if (block.type === 'tool-result')
      return block.output.some(isSaved) ? { ...block, output: parts(block.output) } : block
    return isSaved(block) && wanted(block) ? fill(block, blobs) : block
  }
  const parts = (output: readonly Part[]): Part[] => output.map((part) => loaded(part) as Part)
  if (!message.content.some((block: Block) => isSaved(block) || block.type === 'tool-result')) return message
  return { ...message, content: message.content.map(loaded) }
}

/** The results of tools as they are stored. */
export function saveResults(message: ToolMessage, blobs: Blobs): ToolMessage {
  const content = message.content.map((result) => ({
    ...result,
    output: result.output.map((part) => save(part, blobs)),
  }))
  return { ...message, content }
}

function isImage({ media }: File): boolean {
  return media.mediaType.startsWith('image/')
}

function isSaved(block: Block): block is File {
  return block.type === 'file' && block.media.blob !== undefined
}

function fill(file: File, blobs: Blobs): Part {
  const saved = file.media.blob === undefined ? undefined : blobs.get(file.media.blob)
  if (!saved) return { type: 'text', text: `[The attachment ${file.name ?? ''} is no longer in the database.]` }
  return { ...file, media: { mediaType: file.media.mediaType, data: Buffer.from(saved.bytes).toString('base64') } }
}
