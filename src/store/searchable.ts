/** What of a message is searched, and how it is shown in one line. */
import type { TreeNode } from '../shared/conversation.ts'
import type { Block, Message, Part } from '../shared/message.ts'

const PREVIEW = 80

/** Text first, then what tools gave; a model's thoughts are not searched. */
export function searchableText({ content }: Message): string {
  const blocks: readonly Block[] = content
  const texts = blocks.flatMap((block) => (block.type === 'text' ? [block.text] : []))
  const outputs = blocks.flatMap((block) =>
    block.type === 'tool-result' || block.type === 'tool-call' ? textsOf(block.output) : [],
  )
  return [...texts, ...outputs].filter((text) => typeof text === 'string' && text !== '').join('\n')
}

const textsOf = (parts: readonly Part[] | undefined): string[] =>
  Array.isArray(parts) ? parts.flatMap((part: Part) => (part?.type === 'text' ? [part.text] : [])) : []

/** The beginning of a message's text, else the name of what it holds. */
export function previewOf({ content }: Message): string {
  const blocks: readonly Block[] = content
  for (const block of blocks) {
    if (block.type !== 'text' || typeof block.text !== 'string') continue
    // Enough for the preview, however much of it is space.
    const line = block.text
      .slice(0, PREVIEW * 10)
      .replaceAll(/\s+/g, ' ')
      .trim()
    if (line !== '') return cut(line)
  }
  const names = blocks.flatMap((block) => ('name' in block && typeof block.name === 'string' ? [block.name] : []))
  return cut(names.join(', '))
}

/** In whole letters. */
function cut(line: string): string {
  if (line.length <= PREVIEW) return line
  const end = /[\ud800-\udbff]$/.test(line.slice(0, PREVIEW - 1)) ? PREVIEW - 2 : PREVIEW - 1
  return `${line.slice(0, end)}…`
}

/** What the index keeps of a message beside its text. */
export type Traits = Pick<TreeNode, 'role' | 'preview' | 'model'>

export function traitsOf(message: Message): Traits {
  const { role } = message
  const preview = previewOf(message)
  if (message.role !== 'assistant') return { role, preview }
  const { provider, model } = message.origin
  return { role, preview, model: { provider: String(provider), model: String(model) } }
}
