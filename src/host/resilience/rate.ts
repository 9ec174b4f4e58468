/** The limits of rate of this window, which shares its queue with all windows of the database. */
import type { Asking } from '../../resilience/admission.ts'
import { RateGate } from '../../resilience/rate/gate.ts'
import type { RateQueue } from '../../resilience/rate/queue.ts'
import { SteadyQueue } from '../../resilience/rate/queue.ts'
import type { Clock } from '../../resilience/clock.ts'
import { systemClock } from '../../resilience/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Connections } from '../connections.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { Settings } from '../settings.ts'

export type RateWindow = {
  settings: () => Pick<Settings, 'rateLimits' | 'failover'>
  /** Who knows whether somebody else could be asked. */
  failover: () => { hasOthers(asking: Asking): boolean | Promise<boolean> }
  store: () => Pick<Store, 'rates' | 'durable'>
  connections: () => Pick<Connections, 'info'>
  log: Pick<Log, 'warn'>
  clock?: Clock
}

export function windowRate(window: RateWindow): RateGate {
  const { settings, failover, store, connections, log, clock = systemClock } = window
  let alone = false
  const shared = (): RateQueue => {
    const { rates, durable } = store()
    if (!durable && !alone) log.warn('limits of rate: other windows are not seen, since there is no database')
    alone = !durable
    return rates
  }
  const failed = (error: unknown): void =>
    log.warn(`limits of rate: other windows are not seen for a while: ${describe(error)}`)
  return new RateGate({
    limits: () => settings().rateLimits,
    label: (provider) => connections().info(provider)?.label ?? provider,
    // Without anybody else to ask, waiting is the only way to an answer, as long as there is time for one.
    patience: (asking) => {
      const patience = (others: boolean): number =>
        Math.min(others ? settings().failover.patience : Infinity, asking.left?.() ?? Infinity)
      const others = failover().hasOthers(asking)
      if (typeof others === 'boolean') return patience(others)
      return others.then(patience, (error: unknown) => {
        log.warn(`limits of rate: who else could be asked is not known: ${describe(error)}`)
        return Infinity
      })
    },
    clock,
    queue: new SteadyQueue(shared, () => clock.now(), failed),
  })
}
