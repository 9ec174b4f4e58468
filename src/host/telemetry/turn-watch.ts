/** From what a turn does to the facts that are exported of it. */
import type { Totals } from '../../agent/totals.ts'
import type { Part, Stop, ToolCall, ToolMessage } from '../../shared/message.ts'
import type { CallState, LoopEnd } from '../../shared/tool-state.ts'
import { isOver } from '../../shared/tool-state.ts'
import type { Tool } from '../../tools/tool.ts'
import type { CallFacts, RequestFacts, TurnEnd, TurnSpan } from './facts.ts'
import type { RequestSeen, TurnWatch } from './watch.ts'

export type WatchedTurnParts = {
  /** Does it once there is a span, in the order of the calls. */
  tell(what: (span: TurnSpan) => void): void
  /** True where the person agreed that content is sent. */
  content(): boolean
}

export class WatchedTurn implements TurnWatch {
  readonly #parts: WatchedTurnParts
  /** When the calls of the last answer began to run, epoch milliseconds. */
  readonly #started = new Map<string, number>()
  /** Calls that are over and wait for their results. */
  readonly #over = new Map<string, { facts: CallFacts; json: string }>()

  constructor(parts: WatchedTurnParts) {
    this.#parts = parts
  }

  request(seen: RequestSeen): void {
    const facts = requestFacts(seen, this.#parts.content())
    this.#parts.tell((span) => span.request(facts))
  }

  call({ id, name, json }: ToolCall, tool: Tool | undefined, state: CallState): void {
    if (state.kind === 'running') this.#started.set(id, state.startedAt)
    if (!isOver(state)) return
    const ended = state as Extract<CallState, { kind: 'done' | 'failed' }>
    const { durationMs = 0 } = ended
    const startedAt = this.#started.get(id) ?? Date.now()
    this.#started.delete(id)
    const facts: CallFacts = { id, startedAt, durationMs, ...(tool && { tool: toolFacts(name, tool) }) }
    if (ended.kind === 'failed') facts.error = ended.why
    this.#over.set(id, { facts, json })
  }

  /** Each call has its result right after it is over. */
  results({ content }: ToolMessage): void {
    for (const { callId, output } of content) {
      const over = this.#over.get(callId)
      if (!over) continue
      this.#over.delete(callId)
      const facts = this.#parts.content() ? { ...over.facts, content: contentOf(over.json, output) } : over.facts
      this.#parts.tell((span) => span.call(facts))
    }
  }

  end(end: LoopEnd, { steps, usage, cost, costUnknown }: Totals): void {
    const error = end.kind === 'answer' ? errorOf(end.stop) : undefined
    const facts: TurnEnd = {
      endedAt: Date.now(),
      kind: end.kind,
      steps,
      tokens: { input: usage.input + usage.cacheRead + usage.cacheWrite, output: usage.output },
      ...(error && { error }),
      ...(!costUnknown && { cost }),
    }
    this.#parts.tell((span) => span.end(facts))
  }
}

export function requestFacts({ record, request, message, address }: RequestSeen, withContent: boolean): RequestFacts {
  const { stop, origin, usage } = message
  const { maxOutputTokens, temperature } = request
  return {
    record,
    finish: stop.raw ?? stop.kind,
    ...(origin.model !== '' && { responseModel: origin.model }),
    ...(address !== undefined && { address }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(usage.estimated && { estimated: true as const }),
    ...(withContent && { content: { request, message } }),
  }
}

const toolFacts = (name: string, { effect, source }: Tool): NonNullable<CallFacts['tool']> => ({
  name,
  effect,
  source: source.kind,
})

const contentOf = (input: string, output: Part[]): NonNullable<CallFacts['content']> => ({ input, output })

function errorOf(stop: Stop): TurnEnd['error'] {
  if (stop.kind === 'failed') return stop.failure.code
  return stop.kind === 'refused' ? 'refused' : undefined
}
