/** The boxes of copies, answered by a test. */
import type { CopyBoxes } from '../../../src/host/backup/copies.ts'

export class FakeBoxes implements CopyBoxes {
  target: string | undefined
  source: string | undefined
  /** The button that is pressed. */
  answer: string | undefined
  /** Where dialogs began. */
  readonly folders: string[] = []
  readonly questions: string[] = []
  readonly told: string[] = []
  readonly failed: string[] = []

  askTarget(): Promise<string | undefined> {
    return Promise.resolve(this.target)
  }
  askSource(folder: string): Promise<string | undefined> {
    this.folders.push(folder)
    return Promise.resolve(this.source)
  }
  ask(question: string): Promise<string | undefined> {
    this.questions.push(question)
    return Promise.resolve(this.answer)
  }
  tell(text: string): void {
    this.told.push(text)
  }
  fail(text: string): void {
    this.failed.push(text)
  }
  during<T>(_: string, work: () => Promise<T>): Promise<T> {
    return work()
  }
}
