/**
 * Holds requests back so that no limit of rate is exceeded, in whatever window they are made. Those that share a limit go in
 * the order they came; each hears for what it waits and until when, leaves at once when it is stopped, and is refused where it
 * would wait for longer than it has patience, so that another key or model can be asked.
 */
import type { Failure } from '../../shared/failure.ts'
import type { RateTicket } from '../../shared/rate.ts'
import { countsAt } from '../../shared/rate.ts'
import type { Asking, Gate, Outcome, Ticket, Wait } from '../admission.ts'
import type { Clock } from '../clock.ts'
import { Known } from './known.ts'
import type { RateLimit } from './limits.ts'
import { limitsOf } from './limits.ts'
import type { Slot } from './plan.ts'
import type { RateQueue } from './queue.ts'
import { REST } from './queue.ts'
import { decide } from './turn.ts'

export type RateParts = {
  limits(): readonly RateLimit[]
  /** As people call a provider. */
  label(provider: string): string
  /** How long this request may wait, in milliseconds. Asked where it would have to. Never rejects. */
  patience(asking: Asking): number | Promise<number>
  clock: Pick<Clock, 'now' | 'sleep'>
  /** Must not throw. */
  queue: RateQueue
}

type Waiter = {
  readonly id: string
  asking: Asking
  waiting: (why: Wait | undefined) => void
  enter(entered: Ticket | Failure): void
  sequence?: number
  slot?: Slot
  /** As it was told. */
  told?: Pick<Slot, 'at' | 'why'>
  /** Milliseconds. Until it is known it keeps its place, and nobody is told of it. */
  patience?: number | 'asked'
}

/** How often, in milliseconds, one that waits looks whether another window has made room. */
const LOOK = 500

/** The longest pause, in milliseconds, after which it is tried again to tell other windows of what they missed. */
const LONGEST_REST = 16 * REST

export class RateGate implements Gate {
  readonly name = 'rate'
  readonly #parts: RateParts
  readonly #known: Known
  /** By provider, in the order they came. */
  readonly #waiters = new Map<string, Waiter[]>()
  readonly #alarms = new Map<string, AbortController>()
  /** By provider: the pause before other windows are told of what they missed, in milliseconds. */
  readonly #rests = new Map<string, number>()

  constructor(parts: RateParts) {
    this.#parts = parts
    this.#known = new Known(parts.queue)
  }

  enter(asking: Asking, signal: AbortSignal, waiting: (why: Wait | undefined) => void): Promise<Ticket | Failure> {
    if (signal.aborted) return Promise.resolve(nothing)
    if (this.#isFree(asking)) return Promise.resolve(this.#ticket(asking))
    const { provider } = asking.target
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#keep(provider, (one) => one !== waiter)
        resolve(nothing)
        this.#move(provider)
      }
      const enter = (entered: Ticket | Failure): void => {
        signal.removeEventListener('abort', leave)
        resolve(entered)
      }
      const waiter: Waiter = { id: crypto.randomUUID(), asking, waiting, enter }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiters.set(provider, [...this.#waitersOf(provider), waiter])
      this.#move(provider)
    })
  }

  #waitersOf(provider: string): readonly Waiter[] {
    return this.#waiters.get(provider) ?? []
  }

  #keep(provider: string, keeps: (waiter: Waiter) => boolean): void {
    const kept = this.#waitersOf(provider).filter(keeps)
    if (kept.length > 0) this.#waiters.set(provider, kept)
    else this.#waiters.delete(provider)
  }

  /** Nobody limits it, so nobody has to know of it. */
  #isFree({ target, inputTokens }: Asking): boolean {
    if (limitsOf(target, this.#parts.limits()).length > 0 || this.#waiters.has(target.provider)) return false
    return this.#known.take(target, inputTokens, this.#parts.clock.now())
  }

  /** Lets go whoever may, tells the others until when they wait, and comes back when the next one may. */
  #move(provider: string): void {
    this.#alarms.get(provider)?.abort()
    this.#alarms.delete(provider)
    const waiters = this.#waitersOf(provider)
    const asked = waiters.map((waiter) => {
      const { id, asking, sequence } = waiter
      return {
        id,
        target: asking.target,
        tokens: asking.inputTokens,
        ...(sequence !== undefined && { sequence }),
        ...(asking.anyway && { anyway: true as const }),
      }
    })
    const { now, verdicts, own } = this.#parts.queue.turn(provider, this.#parts.clock.now, (state) =>
      decide(state, asked, this.#parts.limits(), this.#known.of(provider)),
    )
    this.#known.replace(provider, own)
    this.#keep(provider, ({ id }) => verdicts.get(id)?.is === 'waits')
    let next = Infinity
    for (const waiter of waiters) {
      const verdict = verdicts.get(waiter.id)
      if (verdict?.is === 'goes') waiter.enter(this.#ticket(waiter.asking, verdict.ticket))
      if (verdict?.is !== 'waits') continue
      waiter.sequence = verdict.ticket.sequence
      waiter.slot = verdict.slot
      next = Math.min(next, verdict.slot.at)
    }
    if (next < Infinity) this.#wake(provider, Math.min(next - now, LOOK))
    else this.#tellOthersLater(provider)
    for (const waiter of waiters) if (this.#waitersOf(provider).includes(waiter)) this.#tell(waiter)
  }

  /** Who has to wait is told so, unless it has no patience for that: this it is asked once, and its wait may become longer. */
  #tell(waiter: Waiter): void {
    if (waiter.patience === 'asked') return
    if (waiter.patience !== undefined) return this.#judge(waiter, waiter.patience)
    const patience = this.#parts.patience(waiter.asking)
    if (typeof patience === 'number') return this.#judge(waiter, patience)
    waiter.patience = 'asked'
    void patience.then((known) => this.#judge(waiter, known))
  }

  #judge(waiter: Waiter, patience: number): void {
    const { slot, asking } = waiter
    const { provider } = asking.target
    waiter.patience = patience
    if (!slot || !this.#waitersOf(provider).includes(waiter)) return
    const now = this.#parts.clock.now()
    if (slot.at - now <= patience) return this.#inform(waiter)
    this.#keep(provider, (one) => one !== waiter)
    waiter.enter(this.#refusal(asking, slot, now))
    this.#move(provider)
  }

  #wake(provider: string, ms: number): void {
    const alarm = new AbortController()
    this.#alarms.set(provider, alarm)
    void this.#parts.clock.sleep(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#move(provider)
    })
  }

  /** Else who left the queue while it could not be reached would stand before others for as long as this window lives. */
  #tellOthersLater(provider: string): void {
    const isBehind = this.#parts.queue.isBehind?.(provider)
    const rest = isBehind ? 2 * (this.#rests.get(provider) ?? REST / 2) : 0
    if (!isBehind) this.#rests.delete(provider)
    else if (rest <= LONGEST_REST) {
      this.#rests.set(provider, rest)
      this.#wake(provider, rest)
    }
  }

  /** `sent`: absent where no limit counts it. */
  #ticket(asking: Asking, sent?: RateTicket): Ticket {
    let open = true
    return {
      settle: (outcome) => {
        if (!open) return
        open = false
        this.#settle(asking, sent, outcome)
      },
    }
  }

  #settle({ target, inputTokens }: Asking, sent: RateTicket | undefined, outcome: Outcome): void {
    const { queue, clock } = this.#parts
    const { provider } = target
    if (outcome.unsent) {
      this.#known.giveBack(target, inputTokens, clock)
      if (sent) queue.turn(provider, clock.now, () => ({ change: { remove: [sent.id] }, result: undefined }))
    } else {
      this.#known.learn(target, outcome, clock)
      const counted = sent && this.#corrected(sent, outcome)
      if (counted) queue.turn(provider, clock.now, () => ({ change: { put: [counted] }, result: undefined }))
    }
    if (this.#waiters.has(provider)) this.#move(provider)
    else if (!this.#alarms.has(provider)) this.#tellOthersLater(provider)
  }

  /** What it came to, where that is another number and still counts. */
  #corrected(sent: RateTicket, { usage }: Outcome): RateTicket | undefined {
    if (!usage || !countsAt(sent, this.#parts.clock.now())) return undefined
    if (limitsOf(sent.target, this.#parts.limits()).every(({ tokens }) => tokens === undefined)) return undefined
    const tokens = Math.max(usage.input + usage.cacheWrite + usage.output, 0)
    return tokens === sent.tokens ? undefined : { ...sent, tokens }
  }

  #inform(waiter: Waiter): void {
    const { slot } = waiter
    if (!slot || (waiter.told?.at === slot.at && waiter.told.why === slot.why)) return
    const { at, why, held } = slot
    waiter.told = { at, why }
    const { provider } = waiter.asking.target
    const sentence = `Waiting for ${this.#parts.label(provider)}: ${why}.`
    const now = (): void => {
      waiter.asking = { ...waiter.asking, anyway: true }
      this.#move(provider)
    }
    waiter.waiting({ until: at, sentence, ...(held && { now }) })
  }

  #refusal({ target }: Asking, { at, why }: Slot, now: number): Failure {
    const seconds = Math.max(1, Math.ceil((at - now) / 1000))
    const message = `${this.#parts.label(target.provider)} takes no more for now: ${why}. Try again in ${seconds} s, or choose another model.`
    return { code: 'rate-limit', message, retryAfterMs: at - now }
  }
}

/** Of a request that never went out. */
const nothing: Ticket = { settle: () => undefined }
