/** The fitting of a window, from what the window has. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Store } from '../../store/store.ts'
import type { Chooser, Memory } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Customising } from '../customisation/window.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import type { SideParts } from '../side-request.ts'
import type { WindowFailover } from '../resilience/failover.ts'
import type { SideWaits } from '../side-waits.ts'
import { WindowFitting } from './index.ts'

export type FittingWindow = {
  store: () => Store
  log: Log
  settings: () => Settings
  resilience: SideParts['resilience']
  watch?: NonNullable<SideParts['watch']>
  underWay: NonNullable<SideParts['underWay']>
  outcome?: NonNullable<SideParts['outcome']>
  waits: SideWaits
  failover: Pick<WindowFailover, 'keptOf'>
  memory: Memory
  chooser: Pick<Chooser, 'choose' | 'chooseInstead'>
  connections: Pick<Connections, 'open' | 'settingsOf'>
  customising: Pick<Customising, 'of'>
  changed(conversation: ConversationId): void
}

export function windowFitting({ chooser, connections, customising, failover, ...parts }: FittingWindow): WindowFitting {
  return new WindowFitting({
    ...parts,
    choose: (conversation, model) => chooser.choose(model ? { ...conversation, choice: model } : conversation, true),
    chooseInstead: (conversation, target) => chooser.chooseInstead(conversation, target),
    kept: (conversation, chosen) => failover.keptOf(conversation, chosen),
    connect: (provider, keyProfile, conversation) => connections.open(provider, keyProfile, conversation),
    endpoint: (provider) => connections.settingsOf(provider)?.baseUrl ?? '',
    strategyOf: async (conversation) => (await customising.of(conversation)).agent?.context,
  })
}
