/** Tokens of a request where no provider counts them: an estimate of its words and files. */
import { isTextMedia } from '../shared/attachments.ts'
import type { Block, File, Message, Usage } from '../shared/message.ts'
import { estimateTokens } from '../shared/tokens.ts'

/** What roles and separators add to each message. */
const MESSAGE_TOKENS = 4
/** Providers charge an image by its pixels, from a few hundred tokens to some thousand. This is a usual screenshot. */
const IMAGE_TOKENS = 1_200
/** Providers read a page of a PDF as text and as a picture. */
const PAGE_TOKENS = 2_000
/** How many pages a PDF has is not told without parsing it. */
const PAGE_BYTES = 100_000

/** What a request holds, without the bytes of files where `size` tells how many they are. */
export type Countable = { system?: string; messages: readonly Message[]; tools?: unknown }

export function estimateRequest({ system, messages, tools }: Countable): number {
  const rules = (system ? estimateTokens(system) : 0) + (tools ? estimateTokens(JSON.stringify(tools)) : 0)
  return messages.reduce((sum, { content }) => sum + MESSAGE_TOKENS + estimateContent(content), rules)
}

export function estimateContent(content: readonly Block[]): number {
  return content.reduce((sum, block) => sum + estimateBlock(block), 0)
}

/**
 * What an answer used that broke off before its provider said so, or said all of it: it charges for it nevertheless, also
 * for the input of a request that it had `accepted` and that was left before the first word. Undefined where what it said is as
 * much, and where nothing came of what may not have been accepted. `request`: it, or the tokens of its input.
 */
export function usageOfBroken(
  request: Countable | number,
  content: readonly Block[],
  counted: Usage,
  accepted = false,
): Usage | undefined {
  const written = content.reduce(
    (sum, block) => sum + (block.type === 'thinking' ? estimateTokens(block.text) : estimateBlock(block)),
    0,
  )
  const prompt = counted.input + counted.cacheRead + counted.cacheWrite
  const isTold = written <= counted.output && (prompt > 0 || !accepted)
  if (counted.cost !== undefined || isTold) return undefined
  const sent = typeof request === 'number' ? request : estimateRequest(request)
  const output = Math.max(written, counted.output)
  return { ...counted, input: prompt > 0 ? counted.input : sent, output, estimated: true }
}

/** Thinking is left out: no provider charges for what it does not read again, and most read none. */
function estimateBlock(block: Block): number {
  switch (block.type) {
    case 'text':
      return estimateTokens(block.text)
    case 'tool-call':
      return estimateTokens(block.name) + estimateTokens(block.json) + estimateContent(block.output ?? [])
    case 'tool-result':
      return estimateContent(block.output)
    case 'file':
      return estimateFile(block)
    default:
      return 0
  }
}

function estimateFile({ media, size, name }: File): number {
  const bytes = size ?? Math.floor(((media.data?.length ?? 0) * 3) / 4)
  const label = estimateTokens(name ?? '')
  if (isTextMedia(media.mediaType)) return label + Math.ceil(bytes / 4)
  if (media.mediaType === 'application/pdf') return label + Math.max(1, Math.ceil(bytes / PAGE_BYTES)) * PAGE_TOKENS
  return label + IMAGE_TOKENS
}
