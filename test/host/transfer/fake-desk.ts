/** Plays the person at the dialogs, with files on the real disk. */
import { basename, join } from 'node:path'
import type { FileKind, Source, Target, TransferDesk, Working } from '../../../src/host/transfer/desk.ts'
import { sourceAt, writeWhole } from '../../../src/host/transfer/files.ts'

export class FakeDesk implements TransferDesk {
  /** Where files are saved, under the name that is offered with the ending that the person wants. */
  readonly folder: string
  ending: string | undefined
  /** What is chosen in the dialog that opens files. */
  chosen: string[] = []
  /** The button that is pressed wherever it is there. */
  presses: string | undefined
  /** Ends the work once it is this far. */
  stopsAt: number | undefined
  readonly offered: { name: string; kinds: string[] }[] = []
  readonly said: { level: string; sentence: string; buttons: readonly string[] }[] = []
  readonly documents: string[] = []
  readonly opened: string[] = []
  readonly progress: number[] = []
  chatsShown = 0

  constructor(folder: string) {
    this.folder = folder
  }

  saveTo(_title: string, name: string, kinds: readonly FileKind[]): Promise<Target | undefined> {
    this.offered.push({ name, kinds: kinds.flatMap(({ endings }) => endings) })
    const path = join(this.folder, this.ending === undefined ? name : name.replace(/\.\w+$/, `.${this.ending}`))
    return Promise.resolve({
      name: basename(path),
      write: (pieces: Iterable<string>, signal: AbortSignal) => writeWhole(path, pieces, signal),
      open: () => Promise.resolve(void this.opened.push(path)),
    })
  }

  async openFrom(): Promise<Source[]> {
    return Promise.all(this.chosen.map(sourceAt))
  }

  async working<T>(_title: string, run: (working: Working) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const progress = (done: number): void => {
      this.progress.push(done)
      if (this.stopsAt !== undefined && done >= this.stopsAt) controller.abort()
    }
    return run({ signal: controller.signal, progress })
  }

  say(level: string, sentence: string, buttons: readonly string[]): Promise<string | undefined> {
    this.said.push({ level, sentence, buttons })
    return Promise.resolve(buttons.find((button) => button === this.presses))
  }

  showMarkdown(text: string): Promise<void> {
    return Promise.resolve(void this.documents.push(text))
  }

  showChats(): Promise<void> {
    this.chatsShown++
    return Promise.resolve()
  }
}
