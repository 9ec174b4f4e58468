/** `[ ]` and `[x]` at the start of a list item become a disabled checkbox. */
import type { Token } from 'markdown-it'

const BOX = /^\[([ xX])\][ \t]+/

export function markTasks(tokens: Token[]): void {
  for (let index = 2; index < tokens.length; index++) {
    const inline = tokens[index]!
    if (inline.type !== 'inline' || tokens[index - 1]!.type !== 'paragraph_open') continue
    const item = tokens[index - 2]!
    if (item.type !== 'list_item_open') continue
    const text = inline.children?.[0]
    const found = text?.type === 'text' ? BOX.exec(text.content) : null
    if (!text || !found) continue
    text.content = text.content.slice(found[0].length)
    item.attrJoin('class', 'task')
    item.meta = { ...(item.meta as object | null), done: found[1] !== ' ' }
    tokens[index - 1]!.meta = item.meta
  }
}

/** The box itself, for the paragraph that `markTasks` marked. */
export const checkbox = (done: boolean): string =>
  `<input type="checkbox" disabled${done ? ' checked' : ''} aria-label="${done ? 'done' : 'to do'}">`
