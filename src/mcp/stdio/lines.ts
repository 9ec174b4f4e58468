/** Splits bytes into lines and never keeps more than a limit of one. */

/** `truncated`: the line was longer than the limit; `text` is its beginning, `tail` its end. */
export type Line = { text: string; truncated?: { bytes: number; tail: string } }

const ENDS = 512

export class Lines {
  readonly #limit: number
  #chunks: Buffer[] = []
  #size = 0

  /** `limit`: bytes of one line. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The lines that `chunk` completes, without their ends. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end))
      lines.push(this.#take())
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** What has come since the last line end, where there is anything. */
  rest(): Line | undefined {
    return this.#size > 0 ? this.#take() : undefined
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#size += bytes.length
    this.#chunks.push(bytes)
    // Over the limit only the two ends are of use, and they are few.
    if (this.#size > this.#limit && this.#chunks.length > 2) {
      const all = Buffer.concat(this.#chunks)
      this.#chunks = [Buffer.from(all.subarray(0, ENDS)), Buffer.from(all.subarray(-ENDS))]
    }
  }

  #take(): Line {
    const all = Buffer.concat(this.#chunks)
    const bytes = this.#size
    this.#chunks = []
    this.#size = 0
    if (bytes <= this.#limit) return { text: all.toString('utf8') }
    const tail = all.subarray(-ENDS).toString('utf8')
    return { text: all.subarray(0, ENDS).toString('utf8'), truncated: { bytes, tail } }
  }
}
