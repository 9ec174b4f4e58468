/** The metrics: their names, units and buckets are those of the conventions. */
import type { Attributes, Counter, Histogram, Meter } from '@opentelemetry/api'
import type { CallFacts, RequestFacts, TurnEnd, TurnFacts } from '../facts.ts'
import { inputOf, targetAttributes, toolName } from './attributes.ts'

/** Seconds. */
const REQUESTS = Array.from({ length: 14 }, (_, at) => 2 ** at / 100)
const TURNS = Array.from({ length: 13 }, (_, at) => 2 ** at / 10)
const TOKENS = Array.from({ length: 14 }, (_, at) => 4 ** at)

export class Instruments {
  readonly #tokens: Histogram
  readonly #duration: Histogram
  readonly #firstChunk: Histogram
  readonly #turn: Histogram
  readonly #call: Histogram
  readonly #cost: Counter

  constructor(meter: Meter) {
    const histogram = (name: string, unit: string, description: string, buckets: number[]): Histogram =>
      meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: buckets } })
    this.#tokens = histogram('gen_ai.client.token.usage', '{token}', 'Tokens of requests to models.', TOKENS)
    this.#duration = histogram('gen_ai.client.operation.duration', 's', 'Time of requests to models.', REQUESTS)
    this.#firstChunk = histogram(
      'gen_ai.client.operation.time_to_first_chunk',
      's',
      'Time from a request to the first of its answer.',
      REQUESTS,
    )
    this.#turn = histogram('gen_ai.invoke_agent.duration', 's', 'Time of turns: answers and their tools.', TURNS)
    this.#call = histogram('gen_ai.execute_tool.duration', 's', 'Time of tool calls.', REQUESTS)
    this.#cost = meter.createCounter('panelist.client.cost', { unit: '{USD}', description: 'Cost of requests.' })
  }

  request(facts: RequestFacts): void {
    const { record, estimated } = facts
    const { firstTokenMs, durationMs, failureCode, output, cost } = record
    const target = targetAttributes(facts)
    this.#duration.record(durationMs / 1000, withError(target, failureCode))
    if (firstTokenMs !== undefined) this.#firstChunk.record(firstTokenMs / 1000, target)
    if (cost !== undefined) this.#cost.add(cost, target)
    // What a provider did not count itself is no usage by the conventions.
    if (estimated || inputOf(record) + output === 0) return
    this.#tokens.record(inputOf(record), { ...target, 'gen_ai.token.type': 'input' })
    this.#tokens.record(output, { ...target, 'gen_ai.token.type': 'output' })
  }

  turn({ agent, startedAt }: TurnFacts, { endedAt, error }: TurnEnd): void {
    this.#turn.record((endedAt - startedAt) / 1000, withError(nameOf(agent), error))
  }

  call(facts: CallFacts, agent: TurnFacts['agent']): void {
    const names = { 'gen_ai.tool.name': toolName(facts), 'gen_ai.tool.type': 'function', ...nameOf(agent) }
    this.#call.record(facts.durationMs / 1000, withError(names, facts.error))
  }
}

const nameOf = (agent: TurnFacts['agent']): Attributes => (agent ? { 'gen_ai.agent.name': agent.name } : {})

const withError = (attributes: Attributes, error: string | undefined): Attributes =>
  error === undefined ? attributes : { ...attributes, 'error.type': error }
