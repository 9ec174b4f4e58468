/** What a person was shown is what may happen: remembers, for each call, the file and the text its preview was made of. */
import { createHash } from 'node:crypto'
import type { Place } from '../../ports.ts'

export class Changed extends Error {
  override readonly name = 'Changed'
}

const ABSENT = 'absent'

/** Keyed by the arguments' own object, which is the same in the preview and in the run. */
export class Previewed {
  readonly #before = new WeakMap<object, string>()

  note(input: object, { uri }: Place, before: string | undefined): void {
    this.#before.set(input, digest(uri, before))
  }

  /** Throws where there was a preview, of another text or of another file: a link may lead elsewhere by now. */
  check(input: object, { uri, shown }: Place, before: string | undefined): void {
    const noted = this.#before.get(input)
    if (noted === undefined || noted === digest(uri, before)) return
    throw new Changed(
      `${shown} changed after the edit was shown. Nothing was written: read it again and make the edit anew.`,
    )
  }
}

/** Line endings are the editor's affair: they may be unified when a file is opened. */
function digest(uri: string, text: string | undefined): string {
  const content = text === undefined ? ABSENT : createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
  return `${content} ${uri}`
}
