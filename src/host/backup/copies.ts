/** What a person asks of copies of the chats. The boxes are the editor's; here they are a port. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Store } from '../../store/store.ts'
import { BACKUPS, nameOf } from './weekly.ts'

export interface CopyBoxes {
  /** A path to write to, proposing this one. */
  askTarget(proposed: string): Promise<string | undefined>
  /** A file to read, beginning in this folder. */
  askSource(folder: string): Promise<string | undefined>
  /** The button that was pressed. */
  ask(question: string, detail: string | undefined, ...buttons: string[]): Promise<string | undefined>
  tell(text: string): void
  fail(text: string): void
  /** While this is being done. */
  during<T>(title: string, work: () => Promise<T>): Promise<T>
}

export type CopiesParts = {
  store(): Store
  /** Of the database; undefined before it was opened. */
  path(): string | undefined
  /** Where the person's own files are. */
  home: string
  boxes: CopyBoxes
  /** Answers that are being written in this window. */
  running(): number
  /** Other chats stand in the store now. */
  replaced(): void
  now?: () => number
}

export class Copies {
  readonly #parts: CopiesParts

  constructor(parts: CopiesParts) {
    this.#parts = parts
  }

  async backUp(): Promise<void> {
    const { store, home, boxes, now = Date.now } = this.#parts
    const target = await boxes.askTarget(join(home, nameOf(now())))
    if (target === undefined) return
    await this.#orSay('The chats could not be copied', async () => {
      await boxes.during('Copying the chats', () => store().backup(target))
      boxes.tell(`All chats, with their attachments, are in ${target}. Keys are not part of it.`)
    })
  }

  async restore(): Promise<void> {
    const { store, path, home, boxes, running, replaced } = this.#parts
    store()
    const file = path()
    const source = await boxes.askSource(file === undefined ? home : folderOfCopies(dirname(file)))
    if (source === undefined) return
    if (running() > 0) return boxes.fail('An answer is being written. Stop it, or wait for its end, and restore then.')
    const answer = await boxes.ask(
      `Replace all chats by those in ${source}?`,
      'The chats of now are kept in a file beside the database. Other windows show the restored chats too; answers they are writing are lost.',
      RESTORE,
    )
    if (answer !== RESTORE) return
    await this.#orSay('The copy was not restored', async () => {
      const aside = await boxes.during('Restoring chats', () => store().restore(source))
      store().journal.recover()
      replaced()
      boxes.tell(`The chats are restored. Those of before are in ${aside}.`)
    })
  }

  /** Offers what stands in other databases: where chats were kept before, or while a folder could not be used. */
  async offer(others: readonly string[], declined: Declined): Promise<void> {
    const { store, boxes, replaced } = this.#parts
    for (const other of others) {
      const count = store().missingFrom(other)
      if (count === 0 || declined.get(other) === count) continue
      const chats = count === 1 ? 'One chat is' : `${count} chats are`
      const answer = await boxes.ask(`${chats} in ${other} and not here. Copy them here?`, undefined, COPY, LEAVE)
      if (answer === LEAVE) await declined.set(other, count)
      if (answer !== COPY) continue
      await this.#orSay('The chats could not be copied', async () => {
        store().bringFrom(other)
        replaced()
      })
    }
  }

  async #orSay(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#parts.boxes.fail(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Dialogs do not open in a folder that is not there: there is no weekly copy yet. */
function folderOfCopies(folder: string): string {
  const backups = join(folder, BACKUPS)
  return existsSync(backups) ? backups : folder
}

export const RESTORE = 'Restore'
export const COPY = 'Copy Them Here'
export const LEAVE = 'Leave Them There'

/** How many chats of a database the person did not want. */
export interface Declined {
  get(path: string): number | undefined
  set(path: string, count: number): Promise<void>
}
