/** Files and folders as context: with unsaved changes, the parts that matter of big ones, and a question before secrets. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { LARGEST_FILE } from '../../shared/attachments.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import { isSecret } from '../../shared/secret-names.ts'
import { isHidden, walk } from '../../tools/built-in/files/walk.ts'
import { locate, placeAt, placeOfUri } from '../../tools/built-in/paths.ts'
import type { Place, Workspace } from '../../tools/ports.ts'
import { NotText } from '../../tools/ports.ts'
import { digestOf } from '../suggest/suggestions.ts'
import type { ContextDesk } from './desk.ts'
import { asContext } from './item.ts'
import type { Range } from './parts.ts'
import { excerpt, stretch, WHOLE } from './parts.ts'

/** What is wanted of a file: a range, or else what fits `draft`. `ref`: by what it can be had again. */
export type Wanted = { draft: string; range?: Range; ref: string; label?: string; icon?: string }

/** UTF-16 units of a folder's files together. */
const FOLDER = 60_000
/** Files of a folder that are named, and that are looked into. */
const MOST_NAMED = 500
const LARGEST_OF_FOLDER = 20_000

/** The person did not want to attach it. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted'
}

export class ContextFiles {
  readonly #desk: ContextDesk

  constructor(desk: ContextDesk) {
    this.#desk = desk
  }

  get workspace(): Workspace {
    return this.#desk.ports().workspace
  }

  /** The place in the workspace, links followed. Undefined for what is outside, and not open either. */
  async placeOf(uri: string): Promise<Place | undefined> {
    const { workspace } = this
    try {
      if (uri.startsWith('file:')) return await locate(workspace, fileURLToPath(uri))
      const place = placeOfUri(workspace, uri)
      return place && place.path.split(/[\\/]/).includes('..') ? undefined : place
    } catch {
      return undefined
    }
  }

  async isFolder(uri: string): Promise<boolean> {
    return (await this.workspace.stat(uri).catch(() => undefined))?.kind === 'folder'
  }

  /** Throws `NotWanted` where the person was asked and left, and a sentence where it cannot be had. */
  async read(uri: string, wanted: Wanted): Promise<ReadFile> {
    const place = await this.placeOf(uri)
    const open = this.#desk.openFiles().find((one) => one.uri === uri)
    const shown = place?.shown ?? open?.shown
    if (shown === undefined)
      throw new Error(`${nameOf(uri)} is not in this workspace. Attach it with the button instead.`)
    await this.#ask(place, shown)
    return this.#file(place?.uri ?? uri, shown, wanted)
  }

  /** The files in it as far as there is room, and the names of the others. What is ignored or secret is left out. */
  async folder(uri: string, ref: string): Promise<ReadFile> {
    const place = await this.placeOf(uri)
    if (!place) throw new Error(`${nameOf(uri)} is not in this workspace.`)
    const names: string[] = []
    const texts: string[] = []
    let room = FOLDER
    const signal = AbortSignal.timeout(10_000)
    for await (const file of walk(this.workspace, place, { ignored: false, signal })) {
      names.push(file)
      if (names.length >= MOST_NAMED) break
      const text = isSecret(file) ? undefined : await this.#small(placeAt(this.workspace, place.root, file), room)
      if (text === undefined) continue
      room -= text.length
      texts.push(`--- ${file}\n${text}`)
    }
    if (names.length === 0) throw new Error(`${place.shown} has no files that are not ignored.`)
    const detail = `${texts.length} of ${names.length}${names.length >= MOST_NAMED ? ' or more' : ''} files`
    const list = names.join('\n')
    const digest = digestOf(list)
    const facts = { label: baseName(place.shown), detail, icon: 'folder', ref, digest }
    return asContext(`${place.shown}/ (folder: ${detail} in full)`, `${list}\n\n${texts.join('\n\n')}`, facts)
  }

  /** Of the whole text, whichever part of it went along. */
  async digest(uri: string): Promise<string | undefined> {
    const place = await this.placeOf(uri)
    const file = await this.workspace.readText(place?.uri ?? uri).catch(() => undefined)
    return file && digestOf(file.text)
  }

  async folderDigest(uri: string): Promise<string | undefined> {
    const place = await this.placeOf(uri)
    if (!place) return undefined
    const names: string[] = []
    for await (const file of walk(this.workspace, place, { ignored: false, signal: AbortSignal.timeout(10_000) })) {
      if (names.push(file) >= MOST_NAMED) break
    }
    return digestOf(names.join('\n'))
  }

  /** Asks before a secret or something that git ignores leaves this machine. */
  async #ask(place: Place | undefined, shown: string): Promise<void> {
    const secret = isSecret(place?.path ?? shown)
    if (!secret && !(place && (await isHidden(this.workspace, place)))) return
    const question = secret
      ? `Attach ${shown}? Its name says that it holds secrets.`
      : `Attach ${shown}? It is ignored.`
    const why = secret
      ? 'What is attached goes to the provider of the model, and stays in this chat.'
      : 'A .gitignore file or the setting files.exclude leaves it out.'
    if (!(await this.#desk.confirm(question, why, 'Attach'))) throw new NotWanted(`${shown} was not attached.`)
  }

  async #file(uri: string, shown: string, { draft, range, ref, label, icon = 'file' }: Wanted): Promise<ReadFile> {
    const { size } = (await this.workspace.stat(uri).catch(() => undefined)) ?? { size: 0 }
    if (size > LARGEST_FILE) throw new Error(`${shown} is larger than ${LARGEST_FILE / 1024 / 1024} MB.`)
    const text = await this.#text(uri)
    if (text === undefined) {
      return { name: baseName(shown), data: Buffer.from(await this.workspace.read(uri)).toString('base64') }
    }
    const symbols = text.length > WHOLE && !range ? await this.#symbols(uri) : []
    const part = range ? stretch(text, range) : excerpt(text, draft, symbols)
    const facts = {
      label: label ?? baseName(shown),
      ...(part.words && { detail: part.words }),
      icon,
      ref,
      digest: digestOf(text),
    }
    return asContext(part.words ? `${shown} (${part.words})` : shown, part.text, facts)
  }

  /** Undefined where it is no text. */
  async #text(uri: string): Promise<string | undefined> {
    try {
      return (await this.workspace.readText(uri)).text
    } catch (error) {
      if (error instanceof NotText) return undefined
      throw error
    }
  }

  async #small(place: Place, room: number): Promise<string | undefined> {
    const size = (await this.workspace.stat(place.uri))?.size ?? Infinity
    if (size > Math.min(room, LARGEST_OF_FOLDER)) return undefined
    const text = await this.#text(place.uri).catch(() => undefined)
    return text?.trim() === '' ? undefined : text
  }

  async #symbols(uri: string) {
    return (
      (await this.#desk
        .ports()
        .language.symbols(uri)
        .catch(() => undefined)) ?? []
    )
  }
}

export const baseName = (shown: string): string => path.posix.basename(shown) || shown

function nameOf(uri: string): string {
  const { pathname = '' } = URL.parse(uri) ?? {}
  try {
    return path.posix.basename(decodeURIComponent(pathname)) || 'This'
  } catch {
    return 'This'
  }
}
