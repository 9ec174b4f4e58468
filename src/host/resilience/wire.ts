/** What stands between the requests of a window and their providers: limits, who stands in, trying again. */
import type { Gate } from '../../resilience/admission.ts'
import type { Store } from '../../store/store.ts'
import type { Chooser } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Customising } from '../customisation/window.ts'
import type { Log } from '../log.ts'
import type { Models } from '../models.ts'
import type { Settings } from '../settings.ts'
import { WindowFailover } from './failover.ts'
import { windowRate } from './rate.ts'
import { Resilience } from './resilience.ts'

export type ResilienceWindow = {
  settings: () => Settings
  store: () => Store
  log: Log
  /** Asks a person: passed before anything waits for a place. */
  money: Gate
  connections: () => Connections
  models: () => Models
  chooser: () => Chooser
  customising: () => Pick<Customising, 'of'>
}

export type WindowResilience = { failover: WindowFailover; resilience: Resilience }

export function windowResilience(window: ResilienceWindow): WindowResilience {
  const { settings, store, log, money, connections, models, chooser, customising } = window
  const failover = new WindowFailover({
    settings,
    store,
    connections,
    models,
    chooser,
    agentOf: async (conversation) => (await customising().of(conversation)).agent,
    rest: (target) => resilience.restOf(target),
  })
  const rate = windowRate({ settings, store, connections, log, failover: () => failover })
  const resilience: Resilience = new Resilience({ settings, log, gates: [money, rate], alternatives: failover })
  return { failover, resilience }
}
