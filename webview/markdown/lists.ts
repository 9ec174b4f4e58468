/**
 * Tight or loose, decided item by item from the lines alone: a list is loose where a blank line stands between two of
 * its items, or between two blocks directly inside one. So a long list can be judged without its settled items.
 */
import type { Token } from 'markdown-it'

const LIST = new Set(['bullet_list_open', 'ordered_list_open'])
const BLANK = /^[\s>]*$/

export function markLists(tokens: Token[], source: string): void {
  let lines: string[] | undefined
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!
    if (!LIST.has(token.type)) continue
    lines ??= source.split('\n')
    token.attrJoin('class', isLoose(tokens, index, lines) ? 'loose' : 'tight')
  }
}

const blankAbove = (lines: readonly string[], line: number): boolean => line > 0 && BLANK.test(lines[line - 1] ?? 'x')

/** Whether the list that `open` starts is loose. `lines` are those its tokens count. */
export function isLoose(tokens: readonly Token[], open: number, lines: readonly string[]): boolean {
  const level = tokens[open]!.level
  // What stands first has nothing before it to be parted from.
  let firstItem = true
  let firstChild = true
  for (let index = open + 1; index < tokens.length; index++) {
    const { nesting, type, map, level: depth } = tokens[index]!
    if (depth === level && nesting === -1) return false
    if (nesting === -1 || type === 'inline' || !map) continue
    if (depth === level + 1) {
      if (!firstItem && blankAbove(lines, map[0])) return true
      firstItem = false
      firstChild = true
    } else if (depth === level + 2) {
      if (!firstChild && blankAbove(lines, map[0])) return true
      firstChild = false
    }
  }
  return false
}
