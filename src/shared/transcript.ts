/** A branch as a person reads it: what they asked, and answers whose steps, calls and results are one. */
import type { Block, Text, ToolCall, ToolResult } from './message.ts'
import type { BlockView, MessageView } from './view.ts'

type ViewOf<T extends Block> = Extract<BlockView, { type: T['type'] }>
export type TextView = ViewOf<Text>
export type ToolCallView = ViewOf<ToolCall>
export type ToolResultView = ViewOf<ToolResult>

/** One answer, with the results that the messages after it brought. */
export type Step = { message: MessageView; results: ReadonlyMap<string, ToolResultView> }

export type Section =
  | { role: 'user'; message: MessageView }
  | { role: 'assistant'; provider: string; model: string; steps: Step[]; facts: Facts }

/** What an answer of several steps came to. A field is absent where no step knows it. */
export type Facts = {
  /** Epoch milliseconds. */
  createdAt: number
  durationMs?: number
  /** USD. */
  cost?: number
  /** Some of the steps have no price. */
  costUnknown?: true
  /** Tokens. */
  input: number
  output: number
}

/** Steps of one turn are one section for as long as the same model answers. A stored message passes for its view. */
export function sectionsOf(branch: readonly MessageView[]): Section[] {
  const sections: Section[] = []
  branch.forEach((stored, at) => {
    const { message } = stored
    if (message.role === 'tool') return
    if (message.role === 'user') return void sections.push({ role: 'user', message: stored })
    const { provider, model } = message.origin
    const step = { message: stored, results: resultsOf(branch, at) }
    const last = sections.at(-1)
    if (last?.role === 'assistant' && last.model === model && last.provider === provider) {
      last.steps.push(step)
      last.facts = factsOf(last.steps)
    } else {
      sections.push({ role: 'assistant', provider, model, steps: [step], facts: factsOf([step]) })
    }
  })
  return sections
}

/** Results of the calls of the answer at `at`: those inside of it, and those of the tool messages right after it. */
function resultsOf(branch: readonly MessageView[], at: number): Map<string, ToolResultView> {
  const results = new Map<string, ToolResultView>()
  for (let next = at; ; next++) {
    const message = branch[next]?.message
    if (!message || (next > at && message.role !== 'tool')) return results
    for (const block of message.content) if (block.type === 'tool-result') results.set(block.callId, block)
  }
}

function factsOf(steps: readonly Step[]): Facts {
  const facts: Facts = { createdAt: steps[0]?.message.createdAt ?? 0, input: 0, output: 0 }
  for (const { message: stored } of steps) {
    const { message, timing, cost } = stored
    if (message.role !== 'assistant') continue
    const { input, output, cacheRead, cacheWrite } = message.usage
    const prompt = input + cacheRead + cacheWrite
    facts.input += prompt
    facts.output += output
    if (timing?.durationMs !== undefined) facts.durationMs = (facts.durationMs ?? 0) + timing.durationMs
    if (cost !== undefined) facts.cost = (facts.cost ?? 0) + cost
    // What used nothing cost nothing.
    else if (prompt + output > 0) facts.costUnknown = true
  }
  return facts
}

/** Facts as words: time of day, duration, tokens and cost, each only where it is known. */
export function factWords({ createdAt, durationMs, cost, costUnknown, input, output }: Facts): string[] {
  return [
    moment(createdAt),
    ...(durationMs === undefined ? [] : [duration(durationMs)]),
    ...(input + output > 0 ? [`${count(input)} tokens in`, `${count(output)} out`] : []),
    ...(cost === undefined ? [] : [`${costUnknown ? 'at least ' : ''}${dollars(cost)}`]),
  ]
}

/** Date and time (epoch milliseconds) as this machine's clock shows them, in a form that every reader knows. */
export function moment(time: number): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
}

function dollars(amount: number): string {
  if (amount === 0) return '$0'
  return amount < 0.0001 ? '<$0.0001' : `$${amount.toFixed(amount < 1 ? 4 : 2)}`
}

const count = (tokens: number): string => tokens.toLocaleString('en')
