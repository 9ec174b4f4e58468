/** What becomes of files and long text that are pasted, dropped, picked or named: attachments, or a refusal. */
import type { AttachmentReader } from '../../src/shared/attachments.ts'
import { isTextMedia, refusalOf } from '../../src/shared/attachments.ts'
import type { ReadFile } from '../../src/shared/protocol.ts'
import { Attachment } from './attachment.ts'
import type { ComposerStore } from './composer.svelte.ts'
import type { PanelDoor } from './panel-door.ts'

/** What of the panel is needed to take something in. */
export type Table = {
  problem: string | undefined
  readonly checks: { readonly reader: AttachmentReader | undefined }
  readonly composer: Pick<ComposerStore, 'text' | 'attachments' | 'attach' | 'swap' | 'focus'>
  readonly conversation: { readonly view: { id: string } | undefined }
  try(name: 'attach', body: { uris: string[]; draft: string }): Promise<ReadFile[] | undefined>
}

/** Bytes. More text is better cut by the person, who knows what matters. */
const MOST_TEXT = 256 * 1024
/** How much of a larger file is looked at to tell whether it is text, in bytes. */
const SAMPLE = 4096

/** By the end of the name, where the system knows no type. */
const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  avif: 'image/avif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  mp4: 'video/mp4',
}

/** Takes them one after the other, in their order. What cannot be taken is said above the composer. */
export async function takeFiles(panel: Table, files: readonly File[]): Promise<void> {
  const conversation = panel.conversation.view?.id
  const refusals: string[] = []
  panel.problem = undefined
  for (const file of files) {
    try {
      const taken = await take(file, panel.checks.reader)
      if (panel.conversation.view?.id !== conversation && conversation !== undefined) return
      panel.composer.attach([taken])
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error))
    }
  }
  if (refusals.length > 0) panel.problem = refusals.join(' ')
  panel.composer.focus()
}

/** Files that the editor names instead of giving them: the host reads them. */
export async function takeNamed(panel: Table, uris: readonly string[]): Promise<void> {
  if (uris.length === 0) return
  const chat = panel.conversation.view?.id
  const files = await panel.try('attach', { uris: [...uris], draft: panel.composer.text })
  // What was meant for a chat is not attached to another one.
  const isShown = chat === undefined || panel.conversation.view?.id === chat
  if (files && isShown) await takeRead(panel, files)
}

/** Files the host has read, in their order. What could not be had is said above the composer. */
export async function takeRead(panel: Table, files: readonly ReadFile[]): Promise<void> {
  const problems: string[] = []
  for (const file of files) {
    if (file.context) attachText(panel.composer, Attachment.text(file.name, file.data, file.context))
    else if (isRead(file)) await takeFiles(panel, [asFile(file)])
    problems.push(...(file.why !== undefined ? [file.why] : panel.problem === undefined ? [] : [panel.problem]))
    panel.problem = undefined
  }
  if (problems.length > 0) panel.problem = problems.join(' ')
  panel.composer.focus()
}

/** In the place of what is attached of the same already. */
function attachText(composer: Table['composer'], fresh: Attachment): void {
  const ref = fresh.context?.ref
  const same = composer.attachments.find(({ context }) => ref !== undefined && context?.ref === ref)
  if (same) composer.swap(same, fresh)
  else composer.attach([fresh])
}

/** Long text of the clipboard, which becomes an attachment. */
export function takeText({ composer, announcer }: Pick<PanelDoor, 'composer' | 'announcer'>, pasted: string): void {
  const text = pasted.replace(/\r\n?/g, '\n')
  const lines = text.replace(/\n$/, '').split('\n').length
  const detail = lines === 1 ? '1 line' : `${lines.toLocaleString('en-US')} lines`
  const file = Attachment.text('Pasted text', base64Of(text), { label: 'Pasted text', detail, icon: 'note' })
  composer.attach([file])
  composer.pasted = { file, draft: composer.text }
  announcer.say('Pasted as an attachment. Undo puts it into the message.')
}

/** Throws a sentence for the person. */
async function take(file: File, reader: AttachmentReader | undefined): Promise<Attachment> {
  const name = file.name || 'image'
  const type = mediaTypeOf(file)
  if (file.size === 0) throw new Error(`${name} is empty, or a folder. Attach files with something in them.`)
  if (type === 'application/pdf' || (type.startsWith('image/') && !isTextMedia(type)))
    return Attachment.read(file, type)
  if (await isText(file)) return asText(file)
  const refusal = refusalOf({ name, mediaType: type, size: file.size }, reader ?? { provider: '', label: 'Panelist' })
  if (refusal !== undefined) throw new Error(refusal)
  return Attachment.read(file, type)
}

function mediaTypeOf({ name, type }: File): string {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return type || (TYPES[ending] ?? '')
}

/** By what is in it: types say little (TypeScript is a video to most systems). */
export async function isText(file: File): Promise<boolean> {
  const whole = file.size <= MOST_TEXT
  const bytes = new Uint8Array(await read(whole ? file : file.slice(0, SAMPLE), file.name))
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole })
    return true
  } catch {
    return false
  }
}

async function asText(file: File): Promise<Attachment> {
  if (file.size > MOST_TEXT) {
    const size = `${Math.ceil((file.size / 1024 / 1024) * 10) / 10} MB`
    throw new Error(
      `${file.name} has ${size} of text, and a message takes files of 256 KB. Paste the part that matters.`,
    )
  }
  const text = new TextDecoder().decode(await read(file, file.name)).replace(/\r\n?/g, '\n')
  return Attachment.text(file.name, base64Of(text), { label: file.name, icon: 'file' })
}

export function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text)
  // In pieces: a call takes no more arguments than fit on the stack.
  const pieces = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, at) =>
    String.fromCharCode(...bytes.subarray(at * 8192, (at + 1) * 8192)),
  )
  return btoa(pieces.join(''))
}

async function read(bytes: Blob, name: string): Promise<ArrayBuffer> {
  try {
    return await bytes.arrayBuffer()
  } catch {
    throw new Error(`${name} could not be read. If it is a folder, attach the files in it.`)
  }
}

const isRead = (file: ReadFile): file is ReadFile & { data: string } => file.data !== undefined

function asFile({ name, data }: { name: string; data: string }): File {
  return new File([Uint8Array.from(atob(data), (character) => character.charCodeAt(0))], name)
}
