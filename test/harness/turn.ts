/** A turn without a host: an owner that keeps what it is told in lists, and tools that do what a test says. */
import { runLoop } from '../../src/agent/loop.ts'
import type { Loop, TurnOwner } from '../../src/agent/owner.ts'
import { toMessages } from '../../src/agent/request.ts'
import type { Totals } from '../../src/agent/totals.ts'
import { runTurn } from '../../src/agent/turn.ts'
import type { Provider } from '../../src/llm/types.ts'
import type { JsonObject } from '../../src/shared/json.ts'
import type { AssistantMessage, Message, ToolMessage, UserMessage } from '../../src/shared/message.ts'
import { newDraft } from '../../src/shared/reduce.ts'
import type { ApprovalDecision, ApprovalRequest, CallEvent, CallState, LoopEnd } from '../../src/shared/tool-state.ts'
import { Approvals } from '../../src/tools/approvals.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { said } from '../../src/tools/tool.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'

export const says = (text: string): UserMessage => ({ role: 'user', content: [{ type: 'text', text }] })

/** A tool of Panelist's own that takes `{ city: string }` and reads, unless told otherwise. */
export const tool = (fields: Partial<Tool> & { name: string }): Tool => ({
  title: fields.name,
  description: `Tells the ${fields.name}.`,
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  source: { kind: 'built-in' },
  effect: 'read',
  describe: (input) => `${fields.name} of ${String((input as JsonObject).city)}`,
  run: (input) => Promise.resolve(said(`${fields.name} of ${String((input as JsonObject).city)}`)),
  ...fields,
})

/** Approvals in a workspace at `/w` without links. */
export const approvals = (readsUnasked = true): Approvals =>
  new Approvals({
    paths: () => ({ roots: ['/w'], windows: false, realPath: (path) => Promise.resolve({ kind: 'found', path }) }),
    shell: () => 'posix',
    workspace: () => 'file:///w',
    readsUnasked: () => readsUnasked,
    redact: (text) => text,
    save: () => undefined,
  })

export type TurnParts = {
  provider: Provider
  tools: Tool[]
  before?: Message[]
  approve?: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalDecision>
  /** Told of everything that happens, in order, before it is written down. */
  onEvent?: (name: string) => void
  queued?: UserMessage[]
  /** USD of each answer. */
  cost?: number
  keyed?: true
} & Partial<Pick<Loop, 'limits' | 'callTimeout' | 'budget' | 'approvals'>>

export type Played = {
  end: LoopEnd
  totals: Totals
  /** With what was there before. */
  history: Message[]
  /** What the owner was told of results, in order. */
  results: ToolMessage[]
  calls: CallEvent[]
  asked: ApprovalRequest[]
  steps: Totals[]
  states(callId: string): CallState[]
}

export async function play(parts: TurnParts, signal = new AbortController().signal): Promise<Played> {
  const { provider, approve, cost, keyed, onEvent = () => undefined } = parts
  const before = parts.before ?? [says('Hi')]
  const history: Message[] = [...before]
  const results: ToolMessage[] = []
  const calls: CallEvent[] = []
  const asked: ApprovalRequest[] = []
  const steps: Totals[] = []
  const queued = [...(parts.queued ?? [])]
  const toolbox = new Toolbox(parts.tools)
  let reader: { provider: string; dialect: string } | undefined
  const owner: TurnOwner = {
    async ask(turn, inner) {
      onEvent('ask')
      const branch = [...before, ...turn].map((message) => ({ message }))
      const request = { model: 'model-x', messages: toMessages(branch, reader), tools: [...toolbox.specs] }
      const draft = newDraft({ provider: provider.id, dialect: '', model: '' })
      const timeouts = { connect: 0, firstToken: 0, idle: 0, total: 0 }
      const stream = (name: string) => onEvent(`stream ${name}`)
      const { message } = await runTurn(
        { provider, request, draft, timeouts, onEvent: ({ type }) => stream(type) },
        inner,
      )
      reader = message.origin
      // As it is when it was stored and read again.
      const stored = JSON.parse(JSON.stringify(message)) as AssistantMessage
      history.push(stored)
      return { message: stored, ...(cost !== undefined && { cost }), ...(keyed && { keyed }) }
    },
    results(message, done) {
      onEvent(`results ${done}`)
      results.push(message)
      if (done) history.push(message)
    },
    approve(request, inner) {
      asked.push(request)
      onEvent('approve')
      return approve?.(request, inner) ?? Promise.resolve({ kind: 'once' })
    },
    resumes: () => false,
    takeQueued() {
      const taken = queued.splice(0)
      history.push(...taken)
      return taken
    },
    onCall(event) {
      onEvent(event.type === 'state' ? event.state.kind : event.type)
      calls.push(event)
    },
    onStep: (totals) => void steps.push(totals),
  }
  const loop: Loop = {
    conversation: 'c',
    tools: toolbox,
    approvals: parts.approvals ?? approvals(),
    limits: parts.limits ?? { steps: 20 },
    owner,
    ...(parts.callTimeout !== undefined && { callTimeout: parts.callTimeout }),
    ...(parts.budget && { budget: parts.budget }),
  }
  const { end, totals } = await runLoop(loop, signal)
  const states = (callId: string) =>
    calls.flatMap((event) => (event.type === 'state' && event.callId === callId ? [event.state] : []))
  return { end, totals, history, results, calls, asked, steps, states }
}
