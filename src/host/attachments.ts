/** Attached bytes: kept once by content in the store, and put back into a message where a provider or a page needs them. */
import { Buffer } from 'node:buffer'
import type { Block, File, Message, Part } from '../shared/message.ts'
import type { Store } from '../store/store.ts'

type Blobs = Store['blobs']

/** The part as it is stored: its bytes by hash. */
export function save(part: Part, blobs: Blobs): Part {
  if (part.type !== 'file' || part.media.data === undefined) return part
  const { mediaType, data } = part.media
  return { ...part, media: { mediaType, blob: blobs.put(Buffer.from(data, 'base64'), mediaType) } }
}

/** The message with its bytes in it. Returns the same message where there are none to load. */
export function load<T extends Message>(message: T, blobs: Blobs): T {
  if (!message.content.some(isSaved)) return message
  return { ...message, content: message.content.map((block: Block) => (isSaved(block) ? fill(block, blobs) : block)) }
}

function isSaved(block: Block): block is File {
  return block.type === 'file' && block.media.blob !== undefined
}

function fill(file: File, blobs: Blobs): Part {
  const saved = file.media.blob === undefined ? undefined : blobs.get(file.media.blob)
  if (!saved) return { type: 'text', text: `[The attachment ${file.name ?? ''} is no longer in the database.]` }
  return { ...file, media: { mediaType: file.media.mediaType, data: Buffer.from(saved.bytes).toString('base64') } }
}
