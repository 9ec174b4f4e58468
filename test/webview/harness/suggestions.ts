/** What the fake host offers in the composer, and what becomes of what is picked. */
import type { CurrentFile, ReadFile, Suggested, Suggestion, Taken, Trigger } from '../../../src/shared/protocol.ts'

export type SuggestionScene = {
  current?: CurrentFile
  /** `ref`s of what changed. */
  stale: string[]
  /** While positive, answers say that there is more, and count down. */
  more: number
  factor: number
}

export const suggestionScene = (): SuggestionScene => ({ stale: [], more: 0, factor: 1 })

const OFFERS: Suggestion[] = [
  { id: '/panel:new', label: '/new', detail: 'Start a new chat', icon: 'add', group: 'Commands' },
  { id: '/panel:model', label: '/model', detail: 'Choose the model', icon: 'chip', group: 'Commands' },
  { id: '/panel:history', label: '/history', detail: 'Earlier chats', icon: 'history', group: 'Commands' },
  { id: '/mcp:review', label: '/review', detail: 'github · Reviews a change', icon: 'comment', group: 'MCP prompts' },
  { id: '/mcp:greet', label: '/greet', detail: 'github · Says hello', icon: 'comment', group: 'MCP prompts' },
  { id: '@editor:selection', label: 'selection', detail: 'ring.ts:3-9', icon: 'list-selection', group: 'Editor' },
  { id: '@editor:problems', label: 'problems', detail: '3 in the workspace', icon: 'warning', group: 'Editor' },
  { id: '@file:ring', label: 'ring.ts', detail: 'src/buffers', icon: 'file', group: 'Files' },
  { id: '@file:big', label: 'big.ts', detail: 'src', icon: 'file', group: 'Files' },
  { id: '@file:buffers', label: 'buffers/', detail: 'src', icon: 'folder', group: 'Files' },
  { id: '@file:env', label: '.env', icon: 'file', group: 'Files' },
  { id: '@topic:symbol', label: 'symbol:', detail: 'Functions and classes', icon: 'symbol-class', group: 'More' },
]

export function suggest(scene: SuggestionScene, trigger: Trigger, query: string): Suggested {
  const letters = query.toLowerCase().replace(/^symbol:/, '')
  const fits = OFFERS.filter(({ id, label }) => id.startsWith(trigger) && label.toLowerCase().includes(letters))
  const items = fits.map((item): Suggestion => {
    const at = item.label.toLowerCase().indexOf(letters)
    return letters === '' ? item : { ...item, marks: [[at, at + letters.length]] }
  })
  if (query.startsWith('symbol:')) {
    const symbol = { id: '@symbol:push', label: 'push', detail: 'ring.ts:12', icon: 'symbol-method', group: 'Symbols' }
    return { items: [symbol] }
  }
  return { items, ...(scene.more-- > 0 && { more: true }) }
}

export function take(id: string, values: Record<string, string> | undefined): Taken {
  switch (id) {
    case '/panel:new':
      return { kind: 'show', what: 'new' }
    case '/panel:model':
      return { kind: 'show', what: 'models' }
    case '/mcp:greet':
      return { kind: 'message', text: 'Hello from the server', files: [] }
    case '/mcp:review':
      if (!values) {
        const fields = [
          { name: 'branch', description: 'What to review', required: true, completes: true as const },
          { name: 'tone', required: false },
        ]
        return { kind: 'form', title: 'Review', description: 'Reviews a change', fields }
      }
      return { kind: 'message', text: `Review ${values['branch']}`, files: [read('notes.md', 'Notes')] }
    case '@topic:symbol':
      return { kind: 'narrow', query: 'symbol:' }
    case '@file:env':
      return { kind: 'left' }
    case '@file:big':
      return { kind: 'files', files: [read('big.ts', 'line\n'.repeat(200), 'lines 1-200 of 5,000', id)] }
    default:
      return { kind: 'files', files: [read(id.replace(/^.*:/, ''), `words of ${id}`, undefined, id)] }
  }
}

export function read(label: string, text: string, detail?: string, ref?: string): ReadFile {
  const context = { label, ...(detail && { detail }), icon: 'file', ...(ref && { ref, digest: 'first' }) }
  return { name: detail ? `src/${label} (${detail})` : `src/${label}`, data: btoa(text), context }
}
