/**
 * Holds requests back so that no limit of rate is exceeded. Those that share a limit go in the order they came; each hears
 * for what it waits and until when, leaves at once when it is stopped, and is refused where it would wait for longer than
 * it has patience, so that another key or model can be asked.
 */
import type { Failure } from '../../shared/failure.ts'
import type { Asking, Gate, Outcome, Ticket, Wait } from '../admission.ts'
import type { Clock } from '../clock.ts'
import { Holds } from './holds.ts'
import type { RateLimit } from './limits.ts'
import { limitsOf, limitWords, scopeOf } from './limits.ts'
import type { Sent } from './window.ts'
import { earliest, isRecent } from './window.ts'

export type RateParts = {
  limits(): readonly RateLimit[]
  /** As people call a provider. */
  label(provider: string): string
  /** How long this request may wait, in milliseconds. */
  patience(asking: Asking): number
  clock: Pick<Clock, 'now' | 'sleep'>
  /** What all windows have recorded of the minute before `now`, in order of time; ours may be among it. */
  recorded?(limit: RateLimit, now: number): readonly Sent[]
}

type Waiter = {
  asking: Asking
  waiting: (why: Wait | undefined) => void
  enter(entered: Ticket | Failure): void
  /** When it was told that it may go. */
  until?: number
}

/** When a request may go, and what it waits for until then. */
type Slot = { at: number; why: string; held: boolean }

export class RateGate implements Gate {
  readonly name = 'rate'
  readonly #parts: RateParts
  readonly #holds = new Holds()
  /** What went out within the last minute, by the scope of a limit, in order of time. */
  readonly #sent = new Map<string, Sent[]>()
  #waiters: Waiter[] = []
  #alarm: AbortController | undefined

  constructor(parts: RateParts) {
    this.#parts = parts
  }

  enter(asking: Asking, signal: AbortSignal, waiting: (why: Wait | undefined) => void): Promise<Ticket | Failure> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(nothing)
      const leave = (): void => {
        this.#waiters = this.#waiters.filter((one) => one !== waiter)
        resolve(nothing)
        this.#move()
      }
      const enter = (entered: Ticket | Failure): void => {
        signal.removeEventListener('abort', leave)
        resolve(entered)
      }
      const waiter: Waiter = { asking, waiting, enter }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
      this.#move()
    })
  }

  /** Lets go whoever may, tells the others until when they wait, and comes back when the next one may. */
  #move(): void {
    this.#alarm?.abort()
    const now = this.#parts.clock.now()
    const planned = this.#recent(now)
    const floors = new Map<string, number>()
    const staying: Waiter[] = []
    let next = Infinity
    for (const waiter of this.#waiters) {
      const slot = this.#slot(waiter.asking, planned, floors, now)
      const tokens = waiter.asking.inputTokens
      if (slot.at <= now) {
        waiter.enter(this.#send(waiter.asking, planned, now))
      } else if (waiter.until === undefined && slot.at - now > this.#parts.patience(waiter.asking)) {
        waiter.enter(this.#refusal(waiter.asking, slot, now))
      } else {
        this.#plan(waiter.asking, planned, floors, { at: slot.at, tokens })
        this.#tell(waiter, slot)
        staying.push(waiter)
        next = Math.min(next, slot.at)
      }
    }
    this.#waiters = staying
    if (next < Infinity) this.#wake(next - now)
  }

  #wake(ms: number): void {
    const alarm = new AbortController()
    this.#alarm = alarm
    void this.#parts.clock.sleep(ms, alarm.signal).then(() => {
      if (!alarm.signal.aborted) this.#move()
    })
  }

  /** By the scope of each limit, what counts now: our own and that of other windows. */
  #recent(now: number): Map<string, Sent[]> {
    const planned = new Map<string, Sent[]>()
    for (const limit of this.#parts.limits()) {
      const scope = scopeOf(limit)
      const own = (this.#sent.get(scope) ?? []).filter((one) => isRecent(one, now))
      this.#sent.set(scope, own)
      const others = withoutOwn(this.#parts.recorded?.(limit, now) ?? [], own)
      planned.set(scope, others.length > 0 ? [...own, ...others].sort((one, other) => one.at - other.at) : [...own])
    }
    return planned
  }

  #slot(asking: Asking, planned: Map<string, Sent[]>, floors: Map<string, number>, now: number): Slot {
    const { target, inputTokens } = asking
    const hold = asking.anyway ? undefined : this.#holds.of(asking, now)
    let slot: Slot = {
      at: Math.max(floors.get(scopeOf(target)) ?? now, hold?.until ?? now),
      why: hold?.why ?? '',
      held: hold !== undefined,
    }
    const limits = limitsOf(target, this.#parts.limits())
    for (const limit of limits) {
      const at = Math.max(slot.at, floors.get(scopeOf(limit)) ?? now)
      const free = earliest(planned.get(scopeOf(limit)) ?? [], limit, inputTokens, at)
      if (free > slot.at || (free > now && slot.why === '')) slot = { ...slot, at: free, why: limitWords(limit) }
    }
    // A time that is later than what an earlier limit asked for fits that one, too.
    return { ...slot, why: slot.why || 'others are before it' }
  }

  #send(asking: Asking, planned: Map<string, Sent[]>, now: number): Ticket {
    const entry: Sent = { at: now, tokens: asking.inputTokens }
    for (const limit of limitsOf(asking.target, this.#parts.limits())) {
      const scope = scopeOf(limit)
      planned.get(scope)?.push(entry)
      const own = this.#sent.get(scope)
      if (own) own.push(entry)
      else this.#sent.set(scope, [entry])
    }
    this.#holds.take(asking)
    return { settle: (outcome) => this.#settle(asking, entry, outcome) }
  }

  #settle({ target }: Asking, entry: Sent, outcome: Outcome): void {
    const { usage } = outcome
    if (usage) entry.tokens = Math.max(usage.input + usage.cacheWrite + usage.output, 0)
    this.#holds.learn(target, outcome, this.#parts.clock.now())
    if (this.#waiters.length > 0) this.#move()
  }

  /** Nobody who comes later and shares a limit with it, or its target, goes before it. */
  #plan({ target }: Asking, planned: Map<string, Sent[]>, floors: Map<string, number>, entry: Sent): void {
    floors.set(scopeOf(target), entry.at)
    for (const limit of limitsOf(target, this.#parts.limits())) {
      floors.set(scopeOf(limit), entry.at)
      planned.get(scopeOf(limit))?.push(entry)
    }
  }

  #tell(waiter: Waiter, { at, why, held }: Slot): void {
    if (waiter.until === at) return
    waiter.until = at
    const sentence = `Waiting for ${this.#parts.label(waiter.asking.target.provider)}: ${why}.`
    const now = (): void => {
      waiter.asking = { ...waiter.asking, anyway: true }
      this.#move()
    }
    waiter.waiting({ until: at, sentence, ...(held && { now }) })
  }

  #refusal({ target }: Asking, { at, why }: Slot, now: number): Failure {
    const seconds = Math.max(1, Math.ceil((at - now) / 1000))
    const message = `${this.#parts.label(target.provider)} takes no more for now: ${why}. Try again in ${seconds} s, or choose another model.`
    return { code: 'rate-limit', message, retryAfterMs: at - now }
  }
}

/** Between the gate and the moment a record names, in milliseconds, at most. */
const APART = 2_000

/** A record of ours is told by its time: records carry no mark of their window. */
function withoutOwn(recorded: readonly Sent[], own: readonly Sent[]): Sent[] {
  const others = [...recorded]
  for (const { at } of own) {
    const found = others.findIndex((one) => one.at >= at && one.at <= at + APART)
    if (found >= 0) others.splice(found, 1)
  }
  return others
}

/** Of a request that never went out. */
const nothing: Ticket = { settle: () => undefined }
