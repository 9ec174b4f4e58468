/** One attempt at an answer: what its gates are told of it, and what of it is kept. */
import type { ChatRequest } from '../llm/types.ts'
import type { Asking, Needs, Outcome, RateHeaders } from '../resilience/admission.ts'
import type { Chain, Failed } from '../resilience/chain.ts'
import type { Conversation, FailedAttempt, StoredMessage, Timing } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { AssistantMessage, Block, StreamEvent } from '../shared/message.ts'
import type { Chosen } from '../shared/protocol.ts'
import { MOST } from '../usage/calibration.ts'
import { mostCost } from '../usage/cost.ts'

/** `request`: absent where it could not be made. `tokens`: of its input, estimated; `guessed`: for a model that never counted any. */
export function askingOf(
  { id, workspace }: Partial<Pick<Conversation, 'id' | 'workspace'>>,
  { guidance }: Pick<StoredMessage, 'guidance'>,
  { provider, model, providerLabel, info }: Pick<Chosen, 'provider' | 'model' | 'providerLabel' | 'info'>,
  keyProfile: string | undefined,
  { request, tokens = 0, guessed }: { request?: ChatRequest; tokens?: number; guessed?: true | undefined } = {},
): Pick<Failed, 'asking' | 'label'> {
  const { maxOutputTokens } = request ?? {}
  const estimate = mostCost(tokens, maxOutputTokens, info?.price)
  const most = tokens * (guessed ? MOST : 1)
  const held = mostCost(most, maxOutputTokens, info?.price)
  const asking: Asking = {
    target: { provider, model, ...(keyProfile !== undefined && { keyProfile }) },
    inputTokens: tokens,
    ...(guessed && { held: { inputTokens: most, ...(held !== undefined && { cost: held }) } }),
    ...(request && { needs: needsOf(request) }),
    ...(id !== undefined && { conversation: id }),
    ...(workspace !== undefined && { workspace }),
    ...(guidance?.agent && { agent: guidance.agent.id }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(estimate !== undefined && { estimate }),
  }
  return { asking, label: providerLabel }
}

/**
 * True for what a person would miss, or a model can go on from. What was only thought, and arguments that are not whole,
 * are worth nothing without what was to follow.
 */
export function isKept(content: readonly Block[]): boolean {
  return content.some((block) => {
    if (block.type === 'text') return block.text.trim() !== ''
    if (block.type === 'tool-call') return block.input !== undefined
    return block.type !== 'thinking'
  })
}

/** Whole answers are those the model ended itself, also by its own limit or refusal. */
export function isWhole({ stop }: AssistantMessage): boolean {
  return stop.kind !== 'failed' && stop.kind !== 'aborted'
}

export function failureIn(event: StreamEvent): Failure | undefined {
  return event.type === 'end' && event.stop.kind === 'failed' ? event.stop.failure : undefined
}

/** What was asked in vain for this row so far. */
export function failedBefore({
  tried,
  sentence,
}: Pick<Chain, 'tried' | 'sentence'>): Pick<Timing, 'failed' | 'instead'> {
  const failed = tried.map(({ target, failure: { code, status } }): FailedAttempt => {
    return { ...target, code, ...(status !== undefined && { status }) }
  })
  return { ...(failed.length > 0 && { failed }), ...(sentence !== undefined && { instead: sentence }) }
}

function needsOf({ tools, messages }: ChatRequest): Needs {
  const blocks = messages.flatMap<Block>(({ content }) => content).flatMap(withOutput)
  const has = (kind: string): boolean =>
    blocks.some((block) => block.type === 'file' && block.media.mediaType.startsWith(kind))
  return {
    ...(tools && tools.length > 0 && { tools: true }),
    ...(has('image/') && { images: true }),
    ...(has('application/pdf') && { pdfs: true }),
  }
}

/** A block and what a tool gave as its result: that is sent to the next model too. */
const withOutput = (block: Block): Block[] => [block, ...('output' in block && block.output ? block.output : [])]

/** `cost`: USD, absent where unknown. */
export function outcomeOf(
  { stop, usage }: AssistantMessage,
  cost: number | undefined,
  headers: RateHeaders | undefined,
): Outcome {
  return {
    // Of what was stopped before anything came nothing is known.
    ...((stop.kind !== 'aborted' || hasUsage({ usage })) && { usage }),
    ...(cost !== undefined && { cost }),
    ...(stop.kind === 'failed' && { failure: stop.failure }),
    ...(headers && { headers }),
  }
}

export function hasUsage({ usage }: Pick<AssistantMessage, 'usage'>): boolean {
  return usage.cost !== undefined || usage.input + usage.output + usage.cacheRead + usage.cacheWrite > 0
}
