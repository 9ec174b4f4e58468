/** Windows that share the limits of rate of one database, and a clock that the test moves on. */
import { setImmediate as turn } from 'node:timers/promises'
import { noFailover } from '../../src/host/settings/failover.ts'
import { windowRate } from '../../src/host/resilience/rate.ts'
import type { Asking, Target, Ticket, Wait } from '../../src/resilience/admission.ts'
import { isTicket } from '../../src/resilience/admission.ts'
import type { Clock } from '../../src/resilience/clock.ts'
import type { RateGate } from '../../src/resilience/rate/gate.ts'
import type { RateLimit } from '../../src/resilience/rate/limits.ts'
import type { Failure } from '../../src/shared/failure.ts'
import type { Store } from '../../src/store/store.ts'
import { FakeClock } from '../resilience/fake-clock.ts'
import { Place } from '../store/support.ts'

export const claude: Target = { provider: 'anthropic', model: 'claude', keyProfile: 'work' }
export const asking = (target: Target = claude, inputTokens = 10): Asking => ({ target, inputTokens })

/** `at`: when it went or was refused. */
export type Went = { at: number; name: number; window: RateWindow; ticket: Ticket }

export class RateWindow {
  readonly store: Store
  readonly gate: RateGate
  readonly warned: string[] = []
  #dead = false
  /** For those that ask from now on, in milliseconds. */
  patience = Infinity

  constructor(place: Place, clock: FakeClock, limits: () => readonly RateLimit[]) {
    this.store = place.open({ clock: clock.now })
    const mine: Clock = {
      now: clock.now,
      random: clock.random,
      // Who is dead never wakes.
      sleep: (ms, signal) =>
        clock.sleep(ms, signal).then(() => (this.#dead ? new Promise(() => undefined) : undefined)),
    }
    this.gate = windowRate({
      settings: () => ({ rateLimits: [...limits()], failover: { ...noFailover, patience: this.patience } }),
      failover: () => ({ hasOthers: () => Promise.resolve(this.patience < Infinity) }),
      store: () => this.store,
      connections: () => ({ info: () => undefined }),
      log: { warn: (line) => this.warned.push(line) },
      clock: mine,
    })
  }

  get isDead(): boolean {
    return this.#dead
  }

  /** As `kill -9` leaves it: nothing is said, and nothing is done any more. */
  die(): void {
    this.#dead = true
  }
}

export class RateWindows implements Disposable {
  readonly clock = new FakeClock()
  readonly place = new Place()
  readonly windows: RateWindow[]
  readonly told: string[][] = []
  readonly went: Went[] = []
  readonly refused: { name: number; failure: Failure }[] = []
  /** Is told of each that goes, as it goes. */
  onGo: (went: Went, request: Asking) => void = () => undefined
  limits: readonly RateLimit[]

  constructor(count: number, limits: readonly RateLimit[]) {
    this.limits = limits
    this.windows = Array.from({ length: count }, () => this.open())
  }

  open(): RateWindow {
    return new RateWindow(this.place, this.clock, () => this.limits)
  }

  /** Gives the name of the request: they are counted over all windows. */
  ask(window: number, request = asking(), signal = new AbortController().signal): number {
    const by = this.windows[window]!
    const name = this.told.push([]) - 1
    const hear = (why: Wait | undefined): void => void this.told[name]!.push(why?.sentence ?? '')
    void by.gate.enter(request, signal, hear).then((entered) => {
      if (by.isDead) return
      if (!isTicket(entered)) return this.refused.push({ name, failure: entered })
      if (signal.aborted) return entered.settle({ unsent: true })
      const went = { at: this.clock.now(), name, window: by, ticket: entered }
      this.went.push(went)
      this.onGo(went, request)
    })
    return name
  }

  /** So that everyone whose time has come has gone. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    await turn()
    while (this.clock.now() < end) {
      this.clock.pass(Math.min(500, end - this.clock.now()))
      await turn()
    }
  }

  get names(): number[] {
    return this.went.map(({ name }) => name)
  }

  /** Rows that are left of all windows once what is over was removed. */
  left(): number {
    const store = this.place.open({ clock: this.clock.now })
    const count = store.rates.turn('anthropic', this.clock.now, ({ tickets }) => ({
      change: {},
      result: tickets.length,
    }))
    store.close()
    return count
  }

  [Symbol.dispose](): void {
    for (const window of this.windows) window.die()
    this.place.dispose()
  }
}
