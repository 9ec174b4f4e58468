/** Kinds of context that have many: `@symbol:` asks for those alone. Picking a topic goes on with its letters. */
import type { SuggestionSource } from './source.ts'

const TOPICS = [
  { name: 'symbol', detail: 'Functions, classes and others by their names', icon: 'symbol-class' },
  { name: 'commit', detail: 'What a commit of git changed', icon: 'git-commit' },
  { name: 'chat', detail: 'An earlier chat', icon: 'comment-discussion' },
  { name: 'resource', detail: 'What MCP servers offer', icon: 'plug' },
]

export const topicSource: SuggestionSource = {
  name: 'topic',
  trigger: '@',
  async offers(query) {
    if (query.includes(':')) return []
    return TOPICS.map(({ name, detail, icon }) => ({ key: name, label: `${name}:`, detail, icon, group: 'More' }))
  },
  async take(key) {
    return { kind: 'narrow', query: `${key}:` }
  },
}

/** `symbol:foo` is of the topic `symbol`. */
export function isTopic(query: string, topic: string): boolean {
  return query.startsWith(`${topic}:`)
}

/** The letters after the topic, or all of them. */
export function wordsOf(query: string): string {
  return query.replace(/^(symbol|commit|chat|resource):/, '')
}
