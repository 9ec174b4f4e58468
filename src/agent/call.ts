/** One call: it is prepared, a person is asked where needed, it runs, and what came of it becomes a result. Never throws. */
import type { CallEnd } from '../shared/call-end.ts'
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { Part, ToolCall, ToolResult } from '../shared/message.ts'
import type { CallState } from '../shared/tool-state.ts'
import { fitted } from '../tools/budget.ts'
import type { Preview, Tool, ToolOutcome } from '../tools/tool.ts'
import { whenSettled } from './abort.ts'
import type { Loop } from './owner.ts'
import type { Refusal } from './refusals.ts'
import * as refusals from './refusals.ts'
import type { WorkClock } from './totals.ts'

/** Milliseconds. */
export const CALL_TIMEOUT = 120_000

type Prepared = { tool: Tool; input: Json; summary: string; preview: Preview }

/** `refusal`: why the call must not run, where that is known before. */
export async function runCall(
  call: ToolCall,
  refusal: Refusal | undefined,
  loop: Loop,
  clock: WorkClock,
  signal: AbortSignal,
): Promise<ToolResult> {
  let summary: string | undefined
  const tell = (state: CallState): void => loop.owner.onCall({ type: 'state', callId: call.id, state })
  const refuse = ({ text, ...against }: Refusal): ToolResult => {
    const end = { ...against, ...(summary !== undefined && { summary }) }
    tell({ kind: 'failed', ...end })
    return finished(call, { output: textOf(text), failed: true }, end, loop)
  }
  try {
    if (refusal) return refuse(refusal)
    if (signal.aborted) return refuse(refusals.stoppedBefore)
    const prepared = await prepare(call, loop, signal)
    if ('why' in prepared) return refuse(prepared)
    summary = prepared.summary
    const admitted = await admit(call, prepared, loop, clock, tell, signal)
    if ('why' in admitted) return refuse(admitted)
    if (signal.aborted) return refuse(refusals.stoppedBefore)
    return await execute(call, { ...prepared, ...admitted }, loop, clock, tell, signal)
  } catch (error) {
    return refuse({ why: 'tool', text: refusals.thrown(error) })
  }
}

async function prepare(call: ToolCall, loop: Loop, signal: AbortSignal): Promise<Prepared | Refusal> {
  const tool = loop.tools.get(call.name)
  if (!tool) return refusals.unknownTool(call.name, loop.tools.names)
  const { input } = call
  if (!isObject(input)) return refusals.invalidJson(call)
  const { check } = await import('../tools/validate.ts')
  const checked = check(tool.inputSchema, input)
  if ('broken' in checked) return refusals.brokenSchema(call.name, checked.broken)
  if (!checked.fits) return refusals.misfit(checked.problems)
  try {
    const summary = tool.describe(input)
    const shown = tool.preview ? await whenSettled(tool.preview(input, { signal }), signal, 0) : undefined
    if (signal.aborted) return refusals.stoppedBefore
    return { tool, input, summary, preview: shown ?? { kind: 'arguments' } }
  } catch (error) {
    return signal.aborted ? refusals.stoppedBefore : { why: 'preview', text: refusals.thrown(error) }
  }
}

/** `without`: what the person took out of it, and why. */
type Admitted = { without?: { rejected: string[]; said?: string } }

async function admit(
  { id: callId }: ToolCall,
  prepared: Prepared,
  { approvals, owner, conversation }: Loop,
  clock: WorkClock,
  tell: (state: CallState) => void,
  signal: AbortSignal,
): Promise<Refusal | Admitted> {
  const verdict = await approvals.judge({ callId, conversation, ...prepared })
  if (signal.aborted) return refusals.stoppedBefore
  if (verdict.kind === 'run') return {}
  tell({ kind: 'asking', request: verdict.request })
  const decision = await clock.aside(whenSettled(owner.approve(verdict.request, signal), signal, 0))
  if (!decision || signal.aborted) return refusals.stoppedBefore
  const said = 'reason' in decision ? refusals.wordsOf(decision.reason) : undefined
  if (!approvals.settle(verdict, decision, conversation)) return refusals.denied(said)
  if (decision.kind !== 'some') return {}
  return { without: { rejected: decision.rejected, ...(said !== undefined && { said }) } }
}

/** How long a call that was told to end may take to do so, in milliseconds. Then it is left behind. */
const GRACE = 2_000
/** UTF-16 units of live output that are passed on. All of it may still be in the result. */
const LIVE_OUTPUT = 256_000

async function execute(
  call: ToolCall,
  { tool, input, summary, without }: Prepared & Admitted,
  loop: Loop,
  work: WorkClock,
  tell: (state: CallState) => void,
  signal: AbortSignal,
): Promise<ToolResult> {
  const startedAt = Date.now()
  const clock = performance.now()
  const limit = tool.timeoutMs ?? loop.callTimeout ?? CALL_TIMEOUT
  const time = new AbortController()
  const timer = limit > 0 ? setTimeout(() => time.abort(), limit) : undefined
  const inner = AbortSignal.any([signal, time.signal])
  let live = LIVE_OUTPUT
  let ended = false
  tell({ kind: 'running', summary, startedAt })
  const run = async (): Promise<ToolOutcome> => {
    inner.throwIfAborted()
    return tool.run(input, {
      signal: inner,
      callId: call.id,
      conversation: loop.conversation,
      aside: work.aside,
      onOutput(text) {
        if (ended || live === 0 || text === '') return
        const shown = text.slice(0, live)
        live -= shown.length
        loop.owner.onCall({ type: 'output', callId: call.id, text: shown })
      },
      onProgress(progress) {
        if (!ended) tell({ kind: 'running', summary, startedAt, progress })
      },
      ...(without && { rejected: new Set(without.rejected) }),
    })
  }
  const caught = run().catch((error: unknown): ToolOutcome => ({
    output: inner.aborted ? [] : textOf(refusals.thrown(error)),
    failed: true,
  }))
  const outcome = await whenSettled(caught, inner, GRACE)
  clearTimeout(timer)
  ended = true
  const durationMs = Math.round(performance.now() - clock)
  const why = signal.aborted ? 'stopped' : time.signal.aborted ? 'timeout' : 'tool'
  const facts = { summary, durationMs, ...without }
  const left = without ? textOf(refusals.partly(without.rejected, without.said)) : []
  if (outcome && why === 'tool' && !outcome.failed) {
    tell({ kind: 'done', ...facts })
    return finished(call, { output: [...left, ...outcome.output] }, facts, loop)
  }
  tell({ kind: 'failed', why, ...facts })
  const reason = why === 'tool' ? [] : textOf(why === 'stopped' ? refusals.STOPPED_WHILE : refusals.timedOut(limit))
  const output = [...reason, ...left, ...(outcome?.output ?? [])]
  return finished(call, { output, failed: true }, { why, ...facts }, loop)
}

const textOf = (text: string): Part[] => [{ type: 'text', text }]

function finished({ id, name }: ToolCall, { output, failed }: ToolOutcome, end: CallEnd, { budget }: Loop): ToolResult {
  const parts = fitted(output, budget)
  return { type: 'tool-result', callId: id, name, ranBy: 'host', output: parts, ...(failed && { failed }), end }
}
