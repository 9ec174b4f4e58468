/** The request that answers the end of a branch: the same for the answer and for the count before it. */
import { goesOnFromWords, toMessages } from '../agent/request.ts'
import type { Reader } from '../agent/request.ts'
import type { ChatRequest, ToolSpec } from '../llm/types.ts'
import type { StoredMessage } from '../shared/conversation.ts'
import type { Chosen } from '../shared/protocol.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import type { Store } from '../store/store.ts'
import { load } from './attachments.ts'
import type { Settings } from './settings.ts'

export type RequestParts = {
  blobs: Store['blobs']
  settings: Pick<Settings, 'systemPrompt'>
  /** All that is told before the messages: the person's own prompt, the agent, instructions. Absent: the first alone. */
  system?: string
  tools?: readonly ToolSpec[]
  /** Who answers, where that is known. */
  reader?: Reader
}

/** What a model is told of tools: nothing where it is known to call none. */
export function specsFor(chosen: Chosen, toolbox: Toolbox | undefined): readonly ToolSpec[] {
  return chosen.info?.tools === false ? [] : (toolbox?.specs ?? [])
}

/**
 * All that is told before the messages: `prompt`, the person's own where that is undefined, and what servers say of the
 * tools that go along.
 */
export function systemWith(
  prompt: string | undefined,
  specs: readonly ToolSpec[],
  toolbox: Pick<Toolbox, 'guidance'> | undefined,
  settings: Pick<Settings, 'systemPrompt'>,
): { system?: string } {
  const guidance = specs.length > 0 ? toolbox?.guidance : ''
  if (!guidance) return prompt === undefined ? {} : { system: prompt }
  return { system: [prompt ?? settings.systemPrompt, guidance].filter(Boolean).join('\n\n') }
}

export function requestFor(
  chosen: Chosen,
  branch: readonly Pick<StoredMessage, 'message'>[],
  parts: RequestParts,
): ChatRequest {
  const system = parts.system ?? parts.settings.systemPrompt
  return {
    model: chosen.info?.requestAs ?? chosen.model,
    messages: toMessages(branch, parts.reader).map((message) => load(message, parts.blobs)),
    ...(system && { system }),
    ...(parts.tools && parts.tools.length > 0 && { tools: [...parts.tools] }),
    ...(chosen.outputLimit !== undefined && { maxOutputTokens: chosen.outputLimit }),
    ...(chosen.thinking && { thinking: chosen.thinking }),
    ...(goesOnFromWords(branch) && { goesOn: true as const }),
  }
}
