/**
 * A server wants an answer of a model. The person pays for it, so the person is asked each time, and sees the answer
 * before the server does.
 */
import { toMessages } from '../../agent/request.ts'
import type { ChatRequest } from '../../llm/types.ts'
import type { SampleAnswer, SampleRequest } from '../../mcp/ports.ts'
import type { ConversationId } from '../../shared/conversation.ts'
import type { Failure } from '../../shared/failure.ts'
import type { AssistantMessage, Message, Usage } from '../../shared/message.ts'
import { noUsage, textOf } from '../../shared/message.ts'
import type { Chosen } from '../../shared/protocol.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import { estimateRequest } from '../../usage/estimate.ts'
import type { Connected } from '../connections.ts'
import { askApart } from '../side-request.ts'
import type { Instead, SideAnswer, SideParts, SideReader } from '../side-request.ts'
import type { SideWaits } from '../side-waits.ts'
import type { McpBoxes } from './desk.ts'
import type { Questions } from './questions.ts'
import { askForSample, askToSend } from './sampling-consent.ts'
import { StopSequences } from './stop-sequences.ts'

export type SamplingParts = SideParts & {
  boxes: Pick<McpBoxes, 'choose'>
  questions: Questions
  /** The model of this conversation; without one, of the conversation that is shown, or the one used last. */
  choose(conversation: ConversationId | undefined): Promise<Chosen | undefined>
  /** A provider, where neither the conversation that is shown nor one of these forbids it. */
  connect(
    provider: string,
    keyProfile: string | undefined,
    conversations: readonly ConversationId[],
  ): Promise<Connected | Failure>
  /** Folder URI. */
  workspace(): string | undefined
  /** Where a person sees what it waits for. */
  waits?: Pick<SideWaits, 'of'>
}

/** Undefined where the person says no. Throws a sentence where no model can answer. */
export async function sample(
  request: SampleRequest,
  parts: SamplingParts,
  withdrawn: AbortSignal,
): Promise<SampleAnswer | undefined> {
  const { server } = request
  const stopped = new AbortController()
  const signal = parts.questions.untilLeft(server, AbortSignal.any([withdrawn, stopped.signal]))
  // Nobody says which call a request belongs to: what any of them may be part of is forbidden as it is there.
  const conversations = [...new Set(parts.questions.calls.of(server).map(({ conversation }) => conversation))]
  const connect = (to: string, key: string | undefined): Promise<Connected | Failure> =>
    parts.connect(to, key, conversations)
  const chosen = await parts.choose(conversations.length === 1 ? conversations[0] : undefined)
  if (!chosen) throw new Error('No model can answer: none is chosen, or its key is missing.')
  if (chosen.key === 'barred') throw new Error(`Nothing may be sent to ${chosen.providerLabel}.`)
  const asked = requestOf(request, chosen)
  const aside = (question: Promise<boolean>): Promise<boolean> => parts.questions.calls.aside(server, question)
  if (!(await aside(askForSample(request, asked, chosen, parts, signal))) || signal.aborted) return undefined
  const connected = await connect(chosen.provider, chosen.keyProfile)
  if ('code' in connected) throw new Error(connected.message)
  const stops = new StopSequences(request.stopSequences ?? [])
  const what = `An answer for the MCP server ${server}`
  const waits = parts.waits?.of({ what, kind: 'sample', stop: () => stopped.abort() })
  const reader = { stops, ...(waits && { waits }) }
  const { message, cost } = await ask(asked, chosen, connected, reader, { ...parts, connect }, signal)
  parts.log.info(`mcp ${server}: a model answered, ${cost === undefined ? 'cost unknown' : `$${cost.toFixed(6)}`}`)
  const { stop } = message
  if (stop.kind === 'failed') throw new Error(stop.failure.message)
  if (signal.aborted) return undefined
  const cut = stops.met ? 'stop' : stop.kind === 'limit' ? 'limit' : undefined
  const text = stops.met ? stops.text(message.content) : textOf(message.content)
  const shown = {
    model: chosen.info?.name ?? chosen.model,
    text,
    ...(cost !== undefined && { cost }),
    ...(cut && ({ cut } as const)),
  }
  if (!(await aside(askToSend(server, shown, parts, signal)))) return undefined
  return {
    model: chosen.model,
    text,
    stop: cut === 'stop' ? 'stopSequence' : cut === 'limit' ? 'maxTokens' : 'endTurn',
  }
}

function requestOf(request: SampleRequest, chosen: Chosen): ChatRequest {
  const { system, temperature, maxOutputTokens } = request
  return {
    model: chosen.info?.requestAs ?? chosen.model,
    messages: request.messages.map(messageOf),
    ...(system !== undefined && { system }),
    maxOutputTokens: Math.max(1, Math.min(Math.floor(maxOutputTokens) || 1, chosen.outputLimit ?? Infinity)),
    ...(temperature !== undefined && { temperature }),
  }
}

function messageOf({ role, content }: SampleRequest['messages'][number]): Message {
  if (role === 'user') return { role, content }
  return { role, content, origin: { provider: '', dialect: '', model: '' }, stop: { kind: 'done' }, usage: noUsage() }
}

/** Who is told to stop in the middle does not count for us. */
function estimated(request: ChatRequest, { content }: AssistantMessage): Usage {
  return { ...noUsage(), input: estimateRequest(request), output: estimateTokens(textOf(content)), estimated: true }
}

async function ask(
  request: ChatRequest,
  chosen: Chosen,
  connected: Connected,
  { stops, ...told }: { stops: StopSequences } & Pick<SideReader, 'waits'>,
  { workspace, ...parts }: Omit<SamplingParts, 'connect'> & Pick<Extract<Instead, { instead: 'key' }>, 'connect'>,
  signal: AbortSignal,
): Promise<SideAnswer> {
  const { provider, info } = connected
  const reader = { provider: provider.id, dialect: info.dialect }
  const messages = toMessages(
    request.messages.map((message) => ({ message })),
    reader,
  )
  const enough = new AbortController()
  const { model, info: known } = chosen
  const folder = workspace()
  const place = folder === undefined ? {} : { workspace: folder }
  const target = { provider: chosen.provider, model, connected, place, ...(known && { info: known }) }
  // The person allowed this model, and was told its provider: only the key may be another one.
  const instead = { instead: 'key', connect: parts.connect } as const
  return askApart({ ...request, messages }, target, instead, parts, AbortSignal.any([signal, enough.signal]), {
    ...told,
    // What comes after a stop sequence nobody reads, and nobody should pay for.
    grew: ({ content }) => void (stops.look(content) && enough.abort()),
    counted: (message) => {
      if (stops.met && message.usage.output === 0) message.usage = estimated(request, message)
    },
  })
}
