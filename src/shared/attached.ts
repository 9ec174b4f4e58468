/** Files of messages and the model that answers, as the limits of `attachments.ts` see them. */
import type { Attached, AttachmentReader } from './attachments.ts'
import { refusalOf, refusalOfAll } from './attachments.ts'
import type { Block, File } from './message.ts'
import type { Chosen } from './protocol.ts'

export function attachedOf({ name, media, size }: Pick<File, 'name' | 'media' | 'size'>): Attached {
  return { name: name ?? 'The file', mediaType: media.mediaType, size: size ?? decodedSize(media.data ?? '') }
}

/** The files a person sent or a tool gave back in these messages. */
export function filesIn(messages: readonly { content: readonly Pick<Block, 'type'>[] }[]): File[] {
  return messages.flatMap(({ content }) => content.filter((block): block is File => block.type === 'file'))
}

export function readerOf({ provider, providerLabel, info, model }: Chosen): AttachmentReader {
  return { provider, label: providerLabel, model: info ?? { name: model } }
}

/** Why these new files cannot go to this reader after the earlier ones, in a sentence; undefined where they can. */
export function whyNotSent(
  files: readonly Attached[],
  earlier: readonly Attached[],
  reader: AttachmentReader,
): string | undefined {
  if (files.length === 0) return undefined
  for (const file of files) {
    const refusal = refusalOf(file, reader)
    if (refusal !== undefined) return refusal
  }
  // What a model cannot take of earlier messages is left out of the request.
  return refusalOfAll([...earlier.filter((file) => refusalOf(file, reader) === undefined), ...files], reader)
}

/** Bytes that base64 stands for. */
function decodedSize(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return Math.max(0, Math.floor((base64.length * 3) / 4) - padding)
}
