/** What a person or a tool gives, as Anthropic takes it. */
import { isTextMedia } from '../../shared/attachments.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { File, Part } from '../../shared/message.ts'

const IMAGES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

export function writePart(part: Part): JsonObject {
  return part.type === 'text' ? { type: 'text', text: part.text } : writeFile(part)
}

/** Images and PDFs go as they are, text files as text; the model is told of any other, so that it does not guess. */
function writeFile({ media, name }: File): JsonObject {
  const source = media.data === undefined ? writeAddress(media.url) : writeData(media.mediaType, media.data)
  if (source && IMAGES.includes(media.mediaType)) return { type: 'image', source }
  if (source && media.mediaType === 'application/pdf') return document(source, name)
  if (media.data !== undefined && isTextMedia(media.mediaType)) {
    const text = Buffer.from(media.data, 'base64').toString('utf8')
    if (text.trim()) return document({ type: 'text', media_type: 'text/plain', data: text }, name)
  }
  const what = [name, media.mediaType].filter(Boolean).join(', ')
  return { type: 'text', text: `[An attachment that cannot be shown to this model: ${what}]` }
}

function document(source: JsonObject, name: string | undefined): JsonObject {
  return { type: 'document', source, ...(name ? { title: name } : {}) }
}

function writeData(mediaType: string, data: string): JsonObject {
  return { type: 'base64', media_type: mediaType, data }
}

function writeAddress(url: string | undefined): JsonObject | undefined {
  return url === undefined ? undefined : { type: 'url', url }
}
