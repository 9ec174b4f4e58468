/**
 * A code fence that is still open: its lines are appended to the same text node, without parsing them again. Only for
 * fences at the margin: what the lines of an indented one come to, with tabs, only the parser knows.
 */
const OPENER = /^(`{3,}|~{3,})/

export class Fence {
  readonly node: HTMLElement
  readonly #text: Text
  readonly #closing: RegExp
  /** What may still become the closing line: it is shown only once it cannot. */
  readonly #maybeClosing: RegExp
  /** Start of the line that is being read. */
  #position: number
  /** How many characters of that line are on the screen. */
  #shown = 0
  #started = false
  #lines = 0

  private constructor(node: HTMLElement, text: Text, marker: string, body: number) {
    this.node = node
    this.#text = text
    this.#position = body
    this.#closing = new RegExp(`^ {0,3}${marker[0]}{${marker.length},}[ \\t]*$`)
    this.#maybeClosing = new RegExp(`^\\s*${marker[0]}*[ \\t]*$`)
  }

  /** Takes over the drawn code block `node`, whose source starts at `start`. */
  static open(node: HTMLElement, source: string, start: number): Fence | undefined {
    const body = source.indexOf('\n', start) + 1
    const marker = OPENER.exec(source.slice(start, body))?.[1]
    const code = node.querySelector('code')
    if (!marker || !code || body === 0) return undefined
    const text = document.createTextNode('')
    code.replaceChildren(text)
    return new Fence(node, text, marker, body)
  }

  /** Shows what is new. Returns where the fence ends in the source, once it does. */
  grow(source: string, final: boolean): number | undefined {
    let piece = ''
    for (;;) {
      const newline = source.indexOf('\n', this.#position)
      const complete = newline >= 0
      if (!complete && this.#position >= source.length) break
      const line = source.slice(this.#position, complete ? newline : undefined)
      if ((complete || final) && this.#closing.test(line)) {
        this.#append(piece)
        return complete ? newline + 1 : source.length
      }
      if (!complete && !final && this.#maybeClosing.test(line)) break
      piece += this.#take(line)
      if (!complete) break
      this.#position = newline + 1
      this.#shown = 0
      this.#started = false
      this.#lines++
    }
    this.#append(piece)
    return undefined
  }

  #take(line: string): string {
    const piece = (this.#started || this.#lines === 0 ? '' : '\n') + line.slice(this.#shown)
    this.#started = true
    this.#shown = line.length
    return piece
  }

  #append(piece: string): void {
    if (piece) this.#text.appendData(piece)
  }
}
