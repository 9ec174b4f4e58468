/**
 * Joins adjacent deltas of the same block, and leaves out what a later word on the usage replaces, which some servers have for
 * every token: fewer and larger events of one answer that reduce to the same message.
 */
export type Deltas = { type: string; index?: number; text?: string }

export function mergeDeltas<Event extends Deltas>(events: readonly Event[]): Event[] {
  const merged: Event[] = []
  let pieces: string[] = []
  let growing: Event | undefined
  const close = (): void => {
    if (growing) merged.push(pieces.length === 1 ? growing : { ...growing, text: pieces.join('') })
    growing = undefined
    pieces = []
  }
  const counted = events.findLast(({ type }) => type === 'usage')
  for (const event of events) {
    if (event.type === 'usage' && event !== counted) continue
    if (event.type !== 'block-delta') {
      close()
      merged.push(event)
      continue
    }
    if (growing?.index !== event.index) close()
    growing ??= event
    pieces.push(event.text ?? '')
  }
  close()
  return merged
}
