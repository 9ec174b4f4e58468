/** The snapshot that was asked for, as long as it does not come: asked for again, and the person is told. */

/** How long after a snapshot could not be had it is asked for again, in milliseconds: doubled each time up to the most. */
const ASK_AGAIN_MS = 1000
const ASK_AGAIN_MOST_MS = 30_000
/** A host that starts with the editor may take this long to answer the first time, in milliseconds. */
const SILENCE_MS = 6000

export class Missing {
  /** Why what is shown is out of date. */
  why: string | undefined = $state()
  /** It did not come although nothing was refused: asking again may not be enough. */
  unanswered = $state(false)
  readonly #again: () => void
  #againMs = ASK_AGAIN_MS
  #againTimer = 0
  #silenceTimer = 0

  /** `again` asks for it once more. */
  constructor(again: () => void) {
    this.#again = again
  }

  asked(): void {
    this.#stop()
    this.#silenceTimer = window.setTimeout(() => {
      this.unanswered = true
      this.why = 'Panelist has not answered yet. It may still be starting.'
    }, SILENCE_MS)
  }

  refused(why: string | undefined): void {
    this.#stop()
    this.unanswered = false
    this.why = why ?? 'Panelist could not load this chat.'
    this.#againTimer = window.setTimeout(this.#again, this.#againMs)
    this.#againMs = Math.min(2 * this.#againMs, ASK_AGAIN_MOST_MS)
  }

  came(): void {
    this.#stop()
    this.#againMs = ASK_AGAIN_MS
    this.unanswered = false
    this.why = undefined
  }

  #stop(): void {
    clearTimeout(this.#againTimer)
    clearTimeout(this.#silenceTimer)
  }
}
