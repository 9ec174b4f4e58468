/** One request of a comparison. It goes the way of every other one, so that it is measured, priced, limited and recorded like it. */
import type { ChatRequest } from '../../llm/types.ts'
import type { Failure } from '../../shared/failure.ts'
import { textOf } from '../../shared/message.ts'
import type { ModelInfo } from '../../shared/model.ts'
import type { RequestRecord } from '../../shared/usage-record.ts'
import type { Store } from '../../store/store.ts'
import type { Connected } from '../connections.ts'
import type { SideParts } from '../side-request.ts'
import { askApart } from '../side-request.ts'
import type { SideWaits } from '../side-waits.ts'
import type { Asked, RunnerParts } from './runner.ts'

export type AskParts = SideParts & {
  connect(provider: string): Promise<Connected | Failure>
  /** What is known of a model. */
  info(provider: string, model: string): Promise<ModelInfo | undefined>
  /** Folder URI, whose budgets count. */
  workspace(): string | undefined
  /** Where a person sees what it waits for. */
  waits?: Pick<SideWaits, 'of'>
}

/** What is measured of a request is what is recorded of it. `giveUp` ends the comparison. */
export function asker(parts: AskParts, giveUp: () => void): RunnerParts['ask'] {
  return async ({ provider, model }, { prompt, system, maxOutputTokens }, signal) => {
    const startedAt = Date.now()
    const connected = await parts.connect(provider)
    if ('code' in connected) return failed(connected, startedAt)
    const info = await parts.info(provider, model)
    const request: ChatRequest = {
      model: info?.requestAs ?? model,
      ...(system && { system }),
      messages: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
      maxOutputTokens,
    }
    const workspace = parts.workspace()
    const place = workspace === undefined ? {} : { workspace }
    const target = { provider, model, ...(info && { info }), connected, place }
    const records: RequestRecord[] = []
    const store = withRecords(parts.store, records)
    const waits = parts.waits?.of({ what: info?.name ?? model, kind: 'benchmark', stop: giveUp })
    const reader = waits ? { waits } : {}
    const { message, cost } = await askApart(request, target, THIS_ALONE, { ...parts, store }, signal, reader)
    const { stop } = message
    if (stop.kind === 'aborted') return undefined
    const last = records.at(-1)
    if (stop.kind === 'failed' && !last) return failed(stop.failure, startedAt)
    return {
      text: textOf(message.content),
      startedAt: last?.startedAt ?? startedAt,
      ...(last?.firstTokenMs !== undefined && { firstTokenMs: last.firstTokenMs }),
      durationMs: last?.durationMs ?? 0,
      output: message.usage.output,
      ...(message.usage.reasoning && { reasoning: message.usage.reasoning }),
      ...(cost !== undefined && { cost }),
      attempts: Math.max(1, records.length),
      ...(stop.kind === 'failed' && { failure: { code: stop.failure.code, message: stop.failure.message } }),
      ...(stop.kind === 'refused' && { failure: { code: 'content-filter', message: REFUSED } }),
    }
  }
}

/** What another model or key would have answered is no measure of this one. */
const THIS_ALONE = { instead: 'nobody' } as const

const REFUSED = 'The model refused to answer.'

/** Nothing was sent. */
const failed = ({ code, message }: Failure, startedAt: number): Asked => ({
  text: '',
  startedAt,
  durationMs: 0,
  output: 0,
  attempts: 1,
  failure: { code, message },
})

/** Notes each record on its way into the store. */
function withRecords(store: () => Store, records: RequestRecord[]): () => Store {
  return () => {
    const real = store()
    const insert = (record: RequestRecord): void => {
      // What could not be written is written again.
      if (!records.includes(record)) records.push(record)
      real.requests.insert(record)
    }
    return { ...real, requests: { ...real.requests, insert } }
  }
}
