/** The files of a panel's draft, so that a page sends the bytes of each once and not with every count. */
import type { File } from '../shared/message.ts'
import type { DraftFile } from '../shared/protocol.ts'

export class DraftFiles {
  #known = new Map<string, string>()

  /** As parts of a message. What is no longer in the draft is forgotten; what came without bytes has empty ones. */
  take(files: readonly DraftFile[]): File[] {
    const known = new Map(files.map(({ id, data }) => [id, data ?? this.#known.get(id) ?? '']))
    this.#known = known
    return files.map(({ id, name, mediaType, size }) => ({
      type: 'file',
      size,
      media: { mediaType, data: known.get(id) ?? '' },
      ...(name !== undefined && { name }),
    }))
  }
}
