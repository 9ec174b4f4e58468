/** Files as the OpenAI formats carry them. */
import { isTextMedia } from '../../shared/attachments.ts'
import type { File, Media, Part, ToolResult } from '../../shared/message.ts'

export const isImage = (file: File): boolean => file.media.mediaType.startsWith('image/')

/** An address for the bytes: the file's own, or a data URL. Undefined for bytes that only the store has. */
export function addressOf(media: Media): string | undefined {
  if (media.url !== undefined) return media.url
  return !media.data ? undefined : `data:${media.mediaType};base64,${media.data}`
}

/** What a file is called where the format demands a name. Its ending tells some servers what it is. */
export function fileName({ media, name }: File): string {
  return name || (media.mediaType === 'application/pdf' ? 'document.pdf' : 'file')
}

/** The text of a text file, under its name. Undefined for any other file. */
export function textOfFile({ media, name }: File): string | undefined {
  if (media.data === undefined || !isTextMedia(media.mediaType)) return undefined
  const text = new TextDecoder().decode(Uint8Array.from(atob(media.data), (character) => character.charCodeAt(0)))
  if (text.trim() === '') return `[${name ?? 'A text file'} is empty]`
  return name === undefined ? text : `${name}:\n${text}`
}

/** Says what could not be sent, so that the model does not answer as if nothing had been there. */
export function missing({ media, name }: File): string {
  return `[${name ?? 'A file'} of type ${media.mediaType} could not be sent]`
}

/** The text of a tool's output. A tool that said nothing says so, because servers refuse empty results. */
export function outputText(output: readonly Part[], failed: boolean): string {
  const texts = output.flatMap((part) => (part.type === 'text' ? [part.text] : (textOfFile(part) ?? [])))
  const text = texts.join('\n')
  if (text.trim() !== '') return text
  return failed ? 'The tool failed without a message.' : '(no output)'
}

/** The same for a format whose results hold text alone: files follow them in a message of the user's. */
export function resultText(output: readonly Part[], failed: boolean): string {
  const hasText = output.some((part) => part.type === 'text' && part.text.trim() !== '')
  return filesIn(output).length > 0 && !hasText ? 'The result follows as a file.' : outputText(output, failed)
}

/** What a person would be shown after these results: each tool's files under its name. */
export function filesOf(results: readonly ToolResult[]): Part[] {
  return results.flatMap(({ name, output }): Part[] => {
    const files = filesIn(output)
    return files.length === 0 ? [] : [{ type: 'text', text: `Files from the result of ${name}:` }, ...files]
  })
}

function filesIn(output: readonly Part[]): File[] {
  return output.filter((part) => part.type === 'file').filter((file) => textOfFile(file) === undefined)
}
