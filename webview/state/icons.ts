/** Icons of suggestions and chips: the host names them, and the style sheet holds only those that stand here. */
const KNOWN = new Set([
  ...['file', 'folder', 'note', 'globe', 'terminal', 'warning', 'list-selection', 'diff', 'git-commit', 'symbol-misc'],
  ...['comment', 'history', 'plug', 'add', 'chip', 'settings', 'tools', 'server', 'shield', 'pulse', 'book', 'account'],
])

const LIKE: Record<string, string> = { 'git-compare': 'diff', 'comment-discussion': 'comment' }

export function iconOf(name: string): string {
  const one = LIKE[name] ?? name
  return KNOWN.has(one) ? one : 'symbol-misc'
}
