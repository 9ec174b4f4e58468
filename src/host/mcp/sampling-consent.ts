/** What a person is shown before a model is asked for a server, and before its answer goes to the server. */
import type { ChatRequest } from '../../llm/types.ts'
import type { SampleRequest } from '../../mcp/ports.ts'
import { cutAt, visible } from '../../mcp/text.ts'
import { noUsage, textOf } from '../../shared/message.ts'
import type { Chosen, QuestionBody } from '../../shared/protocol.ts'
import { costOf } from '../../usage/cost.ts'
import { estimateRequest } from '../../usage/estimate.ts'
import type { McpBoxes } from './desk.ts'
import type { Questions } from './questions.ts'

type Sample = Extract<QuestionBody, { kind: 'sample' }>
type Sampled = Extract<QuestionBody, { kind: 'sampled' }>
type Parts = { boxes: Pick<McpBoxes, 'choose'>; questions: Questions }

/** UTF-16 units of a text that a dialog shows. */
const SHOWN = 1_500

/** True where the person allows it, this once. */
export async function askForSample(
  request: SampleRequest,
  asked: ChatRequest,
  chosen: Chosen,
  { boxes, questions }: Parts,
  signal: AbortSignal,
): Promise<boolean> {
  const body = bodyOf(request, asked, chosen)
  const { server } = request
  if (questions.canAsk) return (await questions.ask(server, body, signal)).action === 'accept'
  const question = `The MCP server ${server} wants to ask a model, at your cost.`
  return (await boxes.choose(question, detailOf(body), ['Allow Once'], 'Deny')) === 'Allow Once'
}

/** True where the person lets the server have it. */
export async function askToSend(
  server: string,
  answer: Omit<Sampled, 'kind'>,
  { boxes, questions }: Parts,
  signal: AbortSignal,
): Promise<boolean> {
  if (questions.canAsk) {
    const { action } = await questions.ask(server, { kind: 'sampled', ...answer }, signal)
    return action === 'accept'
  }
  const detail = shortened(answer.text) || '(nothing)'
  const sent = await boxes.choose(`Send this answer to the MCP server ${server}?`, detail, ['Send'], 'Don’t Send')
  return sent === 'Send' && !signal.aborted
}

function bodyOf({ system, messages, stopSequences }: SampleRequest, asked: ChatRequest, chosen: Chosen): Sample {
  const input = estimateRequest(asked)
  const output = asked.maxOutputTokens ?? 0
  const cost = costOf({ ...noUsage(), input, output }, chosen.info?.price)
  return {
    kind: 'sample',
    model: chosen.info?.name ?? chosen.model,
    provider: chosen.providerLabel,
    input,
    output,
    ...(cost !== undefined && { cost }),
    ...(system && { system }),
    messages: messages.map(({ role, content }) => ({
      role,
      text: textOf(content),
      files: content.filter(({ type }) => type === 'file').length,
    })),
    ...(stopSequences && stopSequences.length > 0 && { stops: stopSequences.slice(0, 20) }),
  }
}

function detailOf({ model, provider, input, output, cost, system, messages }: Sample): string {
  const files = messages.reduce((sum, message) => sum + message.files, 0)
  const lines = [
    `Model: ${model} (${provider})`,
    `About ${input} tokens in, at most ${output} out: ${cost === undefined ? 'its cost is unknown' : `at most about $${cost.toFixed(4)}`}`,
    ...(messages.length > 1 ? [`${messages.length} messages; the last of them:`] : ['It asks:']),
    shortened(messages.at(-1)?.text ?? ''),
    ...(files > 0 ? [`With ${files} ${files === 1 ? 'file' : 'files'}.`] : []),
    ...(system
      ? [`With instructions of its own: ${cutAt(visible(system), 300)}${system.length > 300 ? '…' : ''}`]
      : []),
    'You see the answer before it goes to the server.',
  ]
  return lines.join('\n')
}

function shortened(words: string): string {
  const text = visible(words)
  return text.length > SHOWN ? `${cutAt(text, SHOWN)}… (${text.length - SHOWN} more characters)` : text
}
