/** `@symbol:name`: what the language services know of the workspace. A few of them also without the word. */
import type { ContextDesk, WorkspaceSymbol } from '../context/desk.ts'
import type { ContextFiles } from '../context/files.ts'
import { filesTaken } from '../context/item.ts'
import { isTopic, wordsOf } from './topics.ts'
import type { Offer, SuggestionSource } from './source.ts'

const TOPIC = 'symbol'
/** Fewer letters fit half of the workspace. */
const ENOUGH = 3
const FEW = 5
const MANY = 40

export function symbolSource(desk: ContextDesk, files: ContextFiles): SuggestionSource {
  return {
    name: TOPIC,
    trigger: '@',
    async offers(query) {
      const asked = isTopic(query, TOPIC)
      const words = wordsOf(query)
      if (!asked && (words.length < ENOUGH || query.includes(':'))) return []
      const found = await desk.symbols(words)
      return found.slice(0, asked ? MANY : FEW).map((symbol): Offer => ({
        key: keyOf(symbol),
        label: symbol.name,
        detail: [symbol.container, `${symbol.shown}:${symbol.from}`].filter(Boolean).join(' · '),
        icon: `symbol-${ICONS.has(symbol.kind) ? symbol.kind : 'misc'}`,
        group: 'Symbols',
        ...(asked && { score: 0.9 }),
      }))
    },
    async take(key, { draft }) {
      const { uri, name, from, to } = JSON.parse(key) as Pick<WorkspaceSymbol, 'uri' | 'name' | 'from' | 'to'>
      const wanted = { draft, range: { from, to }, ref: `@${TOPIC}:${key}`, label: name, icon: 'symbol-misc' }
      return filesTaken(await files.read(uri, wanted))
    },
    digest: (key) => files.digest((JSON.parse(key) as { uri: string }).uri),
  }
}

const ICONS = new Set(['class', 'interface', 'method', 'function', 'variable', 'constant', 'enum', 'property', 'field'])

const keyOf = ({ uri, name, from, to }: WorkspaceSymbol): string => JSON.stringify({ uri, name, from, to })
