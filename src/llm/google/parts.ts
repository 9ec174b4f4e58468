/** What a person or a tool gives, as Google takes it. */
import { isTextMedia } from '../../shared/attachments.ts'
import type { JsonObject } from '../../shared/json.ts'
import type { File, Part } from '../../shared/message.ts'
import { filePart } from './blocks.ts'

/** Images, PDFs, sound and video go as they are, text files as text; the model is told of any other. */
export function userPart(part: Part): JsonObject {
  if (part.type === 'text') return { text: part.text }
  const text = textOfFile(part)
  if (text !== undefined) return { text: part.name === undefined ? text : `${part.name}:\n${text}` }
  const what = [part.name, part.media.mediaType].filter(Boolean).join(', ')
  return filePart(part) ?? { text: `[An attachment that cannot be shown to this model: ${what}]` }
}

/** True for a file that goes as one, and not as words. */
export function isShown(part: Part): part is File {
  return part.type === 'file' && !('text' in userPart(part))
}

function textOfFile({ media }: File): string | undefined {
  if (media.data === undefined || !isTextMedia(media.mediaType)) return undefined
  const text = Buffer.from(media.data, 'base64').toString('utf8')
  // An empty part is refused.
  return text.trim() === '' ? undefined : text
}
