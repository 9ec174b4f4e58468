/** A request that is no answer of a conversation: it is measured, priced and recorded like one. */
import { requestRecord } from '../agent/record.ts'
import { runTurn } from '../agent/turn.ts'
import type { ChatRequest } from '../llm/types.ts'
import type { Conversation } from '../shared/conversation.ts'
import type { AssistantMessage } from '../shared/message.ts'
import type { ModelInfo, ProviderId } from '../shared/model.ts'
import { newDraft } from '../shared/reduce.ts'
import type { Store } from '../store/store.ts'
import { costOf } from '../usage/cost.ts'
import type { Connected } from './connections.ts'
import type { Log } from './log.ts'
import { describe } from './log.ts'
import type { Settings } from './settings.ts'

export type SideParts = {
  store: () => Store
  settings: () => Pick<Settings, 'timeouts'>
  log: Log
}

/** Who is asked, for which conversation and from which folder (URI), where there is one. */
export type SideTarget = {
  provider: ProviderId
  model: string
  info?: ModelInfo
  connected: Connected
  place: Partial<Pick<Conversation, 'id' | 'workspace'>>
}

/** `cost`: USD, absent where it is unknown. A failure is the message's `stop`. */
export type SideAnswer = { message: AssistantMessage; cost?: number }

export async function askApart(
  request: ChatRequest,
  { provider, model, info, connected, place }: SideTarget,
  { store, settings, log }: SideParts,
  signal: AbortSignal,
): Promise<SideAnswer> {
  const { keyProfile } = connected
  const { message, timing } = await runTurn(
    {
      provider: connected.provider,
      request,
      draft: newDraft({ provider, dialect: connected.info.dialect, model }),
      timeouts: settings().timeouts,
      onEvent: () => undefined,
    },
    signal,
  )
  const cost = costOf(message.usage, info?.price)
  const row = { timing, ...(cost !== undefined && { cost }), ...(keyProfile !== undefined && { keyProfile }) }
  try {
    store().requests.insert(requestRecord(place, row, message, model))
  } catch (error) {
    log.error(`the record of a request could not be written: ${describe(error)}`)
  }
  return { message, ...(cost !== undefined && { cost }) }
}
