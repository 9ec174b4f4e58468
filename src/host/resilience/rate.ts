/** The limits of rate of this window, which counts what others of the same database have recorded. */
import { RateGate } from '../../resilience/rate/gate.ts'
import type { RateLimit } from '../../resilience/rate/limits.ts'
import { limitsOf } from '../../resilience/rate/limits.ts'
import type { Sent } from '../../resilience/rate/window.ts'
import { isRecent } from '../../resilience/rate/window.ts'
import type { Clock } from '../../resilience/clock.ts'
import { systemClock } from '../../resilience/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Connections } from '../connections.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { Settings } from '../settings.ts'

export type RateWindow = {
  settings: () => Pick<Settings, 'rateLimits' | 'failover' | 'providers'>
  store: () => Store
  connections: () => Pick<Connections, 'info'>
  log: Pick<Log, 'warn'>
  clock?: Clock
}

/** More than a person sends within a minute, from all windows. */
const MOST_ROWS = 1_000

export function windowRate({ settings, store, connections, log, clock = systemClock }: RateWindow): RateGate {
  const recorded = (limit: RateLimit, now: number): Sent[] => {
    try {
      const rows = store().requests.list({ limit: MOST_ROWS })
      return rows
        .map((row) => ({ row, at: row.startedAt, tokens: row.input + row.cacheWrite + row.output }))
        .filter((sent) => isRecent(sent, now) && limitsOf(sent.row, [limit]).length > 0)
        .sort((one, other) => one.at - other.at)
    } catch (error) {
      log.warn(`what other windows sent is not known: ${describe(error)}`)
      return []
    }
  }
  return new RateGate({
    limits: () => settings().rateLimits,
    label: (provider) => connections().info(provider)?.label ?? provider,
    // Without anybody else to ask, waiting is the only way to an answer.
    patience: ({ target }) => {
      const { failover, providers } = settings()
      const hasKeys = (providers[target.provider]?.rotateKeys?.length ?? 0) > 1
      return hasKeys || failover.chain.length > 0 ? failover.patience : Infinity
    },
    clock,
    recorded,
  })
}
