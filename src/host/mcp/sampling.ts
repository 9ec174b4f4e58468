/** A server wants an answer of a model. The person pays for it, so the person is asked each time. */
import { toMessages } from '../../agent/request.ts'
import { requestRecord } from '../../agent/record.ts'
import { runTurn } from '../../agent/turn.ts'
import type { ChatRequest } from '../../llm/types.ts'
import type { SampleAnswer, SampleRequest } from '../../mcp/ports.ts'
import { cutAt, visible } from '../../mcp/text.ts'
import type { Failure } from '../../shared/failure.ts'
import type { AssistantMessage, Message } from '../../shared/message.ts'
import { noUsage, textOf } from '../../shared/message.ts'
import type { Chosen } from '../../shared/protocol.ts'
import { newDraft } from '../../shared/reduce.ts'
import type { Store } from '../../store/store.ts'
import { costOf } from '../../usage/cost.ts'
import { estimateRequest } from '../../usage/estimate.ts'
import type { Connected } from '../connections.ts'
import type { Log } from '../log.ts'
import type { Settings } from '../settings.ts'
import type { McpBoxes } from './desk.ts'

export type SamplingParts = {
  boxes: Pick<McpBoxes, 'choose'>
  store: () => Store
  settings: () => Settings
  log: Log
  /** The model of the conversation that is shown, or the one used last. */
  choose(): Promise<Chosen | undefined>
  connect(provider: string, keyProfile: string | undefined): Promise<Connected | Failure>
  /** Folder URI. */
  workspace(): string | undefined
}

/** UTF-16 units of what it wants to ask that the dialog shows. */
const SHOWN = 1_500

/** Undefined where the person says no. Throws a sentence where no model can answer. */
export async function sample(
  request: SampleRequest,
  parts: SamplingParts,
  signal: AbortSignal,
): Promise<SampleAnswer | undefined> {
  const chosen = await parts.choose()
  if (!chosen) throw new Error('No model can answer: none is chosen, or its key is missing.')
  const asked = requestOf(request, chosen)
  const question = `The MCP server ${request.server} wants to ask a model, at your cost.`
  const answer = await parts.boxes.choose(question, detailOf(request, asked, chosen), ['Allow Once'], 'Deny')
  if (answer !== 'Allow Once' || signal.aborted) return undefined
  const connected = await parts.connect(chosen.provider, chosen.keyProfile)
  if ('code' in connected) throw new Error(connected.message)
  const { message, cost } = await ask(asked, chosen, connected, parts, signal)
  parts.log.info(
    `mcp ${request.server}: a model answered, ${cost === undefined ? 'cost unknown' : `$${cost.toFixed(6)}`}`,
  )
  const { stop } = message
  if (stop.kind === 'failed') throw new Error(stop.failure.message)
  if (stop.kind === 'aborted') return undefined
  return { model: chosen.model, text: textOf(message.content), stop: stop.kind === 'limit' ? 'maxTokens' : 'endTurn' }
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

function detailOf({ system, messages }: SampleRequest, asked: ChatRequest, chosen: Chosen): string {
  const input = estimateRequest(asked)
  const output = asked.maxOutputTokens ?? 0
  const cost = costOf({ ...noUsage(), input, output }, chosen.info?.price)
  const last = messages.at(-1)
  const text = visible(last ? textOf(last.content) : '')
  const files = messages.flatMap(({ content }) => content).filter(({ type }) => type === 'file').length
  const lines = [
    `Model: ${chosen.info?.name ?? chosen.model} (${chosen.providerLabel})`,
    `About ${input} tokens in, at most ${output} out: ${cost === undefined ? 'its cost is unknown' : `at most about $${cost.toFixed(4)}`}`,
    ...(messages.length > 1 ? [`${messages.length} messages; the last of them:`] : ['It asks:']),
    text.length > SHOWN ? `${cutAt(text, SHOWN)}… (${text.length - SHOWN} more characters)` : text,
    ...(files > 0 ? [`With ${files} ${files === 1 ? 'file' : 'files'}.`] : []),
    ...(system
      ? [`With instructions of its own: ${cutAt(visible(system), 300)}${system.length > 300 ? '…' : ''}`]
      : []),
    'The answer goes to the server.',
  ]
  return lines.join('\n')
}

async function ask(
  request: ChatRequest,
  chosen: Chosen,
  { provider, info, keyProfile }: Connected,
  { store, settings, workspace, log }: SamplingParts,
  signal: AbortSignal,
): Promise<{ message: AssistantMessage; cost: number | undefined }> {
  const reader = { provider: provider.id, dialect: info.dialect }
  const messages = toMessages(
    request.messages.map((message) => ({ message })),
    reader,
  )
  const { message, timing } = await runTurn(
    {
      provider,
      request: { ...request, messages },
      draft: newDraft({ provider: chosen.provider, dialect: info.dialect, model: chosen.model }),
      timeouts: settings().timeouts,
      onEvent: () => undefined,
    },
    signal,
  )
  const cost = costOf(message.usage, chosen.info?.price)
  const row = { timing, ...(cost !== undefined && { cost }), ...(keyProfile !== undefined && { keyProfile }) }
  const folder = workspace()
  try {
    const place = folder === undefined ? {} : { workspace: folder }
    store().requests.insert(requestRecord(place, row, message, chosen.model))
  } catch (error) {
    log.error(`the record of a request could not be written: ${error instanceof Error ? error.message : 'unknown'}`)
  }
  return { message, cost }
}
