/** Trees of messages as files hold them, where nothing is certain. */
import type { StoredMessage } from '../../shared/conversation.ts'

/** Why these messages are no tree, or undefined. A parent that is missing is none: a branch survives its loss. */
export function whyNoTree(messages: readonly StoredMessage[]): string | undefined {
  const parents = new Map<string, string | null>()
  for (const { id, parent } of messages) {
    if (parents.has(id)) return 'two of its messages have the same id'
    parents.set(id, parent)
  }
  const sound = new Set<string>()
  for (const { id } of messages) {
    const way: string[] = []
    const here = new Set<string>()
    let at: string | null | undefined = id
    while (typeof at === 'string' && !sound.has(at) && parents.has(at)) {
      if (here.has(at)) return 'its messages form a circle'
      here.add(at)
      way.push(at)
      at = parents.get(at)
    }
    for (const one of way) sound.add(one)
  }
  return undefined
}

/** The same messages, each once, with no parent that comes after its child. `cut` is told of each that had to change. */
export function unlooped(messages: readonly StoredMessage[], cut: () => void): StoredMessage[] {
  const seen = new Set<string>()
  return messages.flatMap((message) => {
    if (seen.has(message.id)) {
      cut()
      return []
    }
    const sound = message.parent === null || seen.has(message.parent)
    seen.add(message.id)
    if (sound) return [message]
    cut()
    return [{ ...message, parent: null }]
  })
}
