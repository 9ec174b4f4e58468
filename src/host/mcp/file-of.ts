/** A piece of what a server gave, as a file for a message. */
import type { Part } from '../../shared/message.ts'
import type { ReadFile } from '../../shared/protocol.ts'

export function fileOf(part: Part, name: string): ReadFile {
  if (part.type === 'text') return { name, data: Buffer.from(part.text).toString('base64') }
  const { data, mediaType } = part.media
  if (data === undefined) return { name, why: `${name} came without its bytes.` }
  const ending = ENDINGS[mediaType] ?? /^[\w-]+\/([\w]+)$/.exec(mediaType)?.[1]
  return { name: ending === undefined || name.endsWith(`.${ending}`) ? name : `${name}.${ending}`, data }
}

/** Of files whose type is not called like the end of their names. */
const ENDINGS: Record<string, string> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mp4': 'm4a',
  'image/jpeg': 'jpg',
}
