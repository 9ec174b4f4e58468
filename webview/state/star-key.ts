/** The keys that make the model under the cursor a favourite. */
const MAC = /mac/i.test(navigator.platform)

export const STAR_KEYS = MAC ? '⌘D' : 'Ctrl+D'

export function isStarKey(event: KeyboardEvent): boolean {
  const modified = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
  return modified && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'd'
}
