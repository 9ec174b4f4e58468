/** A branch as a person reads it: what they asked, and answers whose steps, calls and results are one. */
import { joinContents } from './join.ts'
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

/** Steps of one turn are one section for as long as the same model answers, and what goes on from an answer is part of it. A stored message passes for its view. */
export function sectionsOf(branch: readonly MessageView[]): Section[] {
  const sections: Section[] = []
  branch.forEach((stored, at) => {
    const { message } = stored
    if (message.role === 'tool') return
    if (message.role === 'user') return void sections.push({ role: 'user', message: stored })
    const step = { message: stored, results: resultsOf(branch, at) }
    const last = sections.at(-1)
    if (last?.role === 'assistant' && joins(last, step)) return
    const { provider, model } = message.origin
    sections.push({ role: 'assistant', provider, model, steps: [step], facts: factsOf(stored) })
  })
  return sections
}

/** Makes the step a part of the answer before it, where it is one: of the same model, or going on from its last word. */
function joins(answer: Extract<Section, { role: 'assistant' }>, step: Step): boolean {
  const [last, { message }] = [answer.steps.at(-1)!, step.message]
  const before = last.message.message
  if (message.role !== 'assistant' || before.role !== 'assistant') return false
  const content = message.goesOn && joinContents(before, message)
  if (!content && (message.origin.model !== answer.model || message.origin.provider !== answer.provider)) return false
  if (content)
    answer.steps[answer.steps.length - 1] = { ...step, message: { ...step.message, message: { ...message, content } } }
  else answer.steps.push(step)
  answer.facts = sumOf(answer.facts, factsOf(step.message))
  return true
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

function factsOf({ message, timing, cost, createdAt }: MessageView): Facts {
  if (message.role !== 'assistant') return { createdAt, input: 0, output: 0 }
  const { output, cacheRead, cacheWrite } = message.usage
  const input = message.usage.input + cacheRead + cacheWrite
  return {
    createdAt,
    input,
    output,
    ...(timing?.durationMs !== undefined && { durationMs: timing.durationMs }),
    ...(cost !== undefined && { cost }),
    // What used nothing cost nothing.
    ...(cost === undefined && input + output > 0 && { costUnknown: true as const }),
  }
}

/** Of two steps. The time of day is that of the first. */
export function sumOf(first: Facts, second: Facts): Facts {
  const sum = (one?: number, other?: number) => (one === undefined ? other : one + (other ?? 0))
  const [durationMs, cost] = [sum(first.durationMs, second.durationMs), sum(first.cost, second.cost)]
  return {
    createdAt: first.createdAt,
    input: first.input + second.input,
    output: first.output + second.output,
    ...(durationMs !== undefined && { durationMs }),
    ...(cost !== undefined && { cost }),
    ...((first.costUnknown || second.costUnknown) && { costUnknown: true as const }),
  }
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
