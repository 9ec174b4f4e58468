/** Joins adjacent deltas of the same block: fewer and larger events that reduce to the same message. */
type Deltas = { type: string; index?: number; text?: string }

export function mergeDeltas<Event extends Deltas>(events: readonly Event[]): Event[] {
  const merged: Event[] = []
  let pieces: string[] = []
  let growing: Event | undefined
  const close = (): void => {
    if (growing) merged.push(pieces.length === 1 ? growing : { ...growing, text: pieces.join('') })
    growing = undefined
    pieces = []
  }
  for (const event of events) {
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
