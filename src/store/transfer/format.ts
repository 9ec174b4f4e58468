/** The layout of Panelist's own export, as docs/export-format.md tells it. */
import type { Conversation, StoredMessage, Summary } from '../../shared/conversation.ts'
import type { Block, Message } from '../../shared/message.ts'
import type { Whole } from '../bulk.ts'
import type { ExportedConversation } from './model.ts'

export const FORMAT = 'panelist'
/** What is written. A reader takes this and everything before it. */
export const VERSION = 1

/** What stands before the lists. `exportedAt`: ISO 8601. */
export type Header = { format: typeof FORMAT; version: number; exportedAt: string; by?: string }

export function toExported({ conversation, messages, summaries }: Whole): ExportedConversation {
  const own = <T extends { conversation: string }>({ conversation: _, ...rest }: T) => rest
  return { ...conversation, messages: messages.map(own), ...(summaries && { summaries: summaries.map(own) }) }
}

export function fromExported({ messages, summaries, ...rest }: ExportedConversation): Whole {
  const conversation: Conversation = rest
  const { id } = conversation
  return {
    conversation,
    messages: messages.map((one): StoredMessage => ({ ...one, conversation: id })),
    ...(summaries && { summaries: summaries.map((one): Summary => ({ ...one, conversation: id })) }),
  }
}

/** The hashes of the attachments a message names, in results of tools too. */
export function blobsOf(message: Message): string[] {
  return message.content.flatMap(blobsOfBlock)
}

function blobsOfBlock(block: Block): string[] {
  if (block.type === 'file') return block.media.blob === undefined ? [] : [block.media.blob]
  return 'output' in block && block.output ? block.output.flatMap(blobsOfBlock) : []
}
