/** One attempt to sign in: the secrets it is made of, and how it ends. It ends once. */
import { createHash, randomBytes } from 'node:crypto'

export type SignInOutcome =
  | { kind: 'signed-in'; key: string }
  /** `message`: what happened and what to do. It holds no code, no verifier and no key. */
  | { kind: 'failed'; message: string }
  /** The person stopped it, and need not be told. */
  | { kind: 'cancelled' }

export const failed = (message: string): SignInOutcome => ({ kind: 'failed', message })

const SECRET_BYTES = 32

export class Attempt {
  /** Comes back with the browser, and shows that the answer belongs to this attempt. */
  readonly state = randomBytes(SECRET_BYTES).toString('base64url')
  /** Shown to nobody but the server that gives the key out (RFC 7636). */
  readonly verifier = randomBytes(SECRET_BYTES).toString('base64url')
  readonly outcome: Promise<SignInOutcome>
  readonly #over = new AbortController()
  readonly #resolve: (outcome: SignInOutcome) => void
  readonly #timer: NodeJS.Timeout
  #claimed = false

  /** `limit`: milliseconds until it ends as `late`. */
  constructor(limit: number, late: SignInOutcome) {
    const { promise, resolve } = Promise.withResolvers<SignInOutcome>()
    this.outcome = promise
    this.#resolve = resolve
    this.#timer = setTimeout(() => this.end(late), limit)
    this.#timer.unref()
  }

  /** Aborted when the attempt is over, however it ended. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  /** What the browser carries of the verifier: its SHA-256, from which nobody gets back to it. */
  get challenge(): string {
    return createHash('sha256').update(this.verifier).digest('base64url')
  }

  /** True once, for the first answer, and only while the attempt goes on: a code is worth one exchange. */
  claim(): boolean {
    const first = !this.#claimed && !this.signal.aborted
    this.#claimed = true
    return first
  }

  /** The first outcome counts. */
  end(outcome: SignInOutcome): void {
    clearTimeout(this.#timer)
    this.#resolve(outcome)
    this.#over.abort()
  }
}
