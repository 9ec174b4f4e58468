/**
 * Streams whose items come several at a time, with one read of the socket. To wait for each of them by itself would cost
 * more than what is in them.
 */

/** `ready`: the next item, or the end, where it is there already; undefined where it has to be waited for. May throw. */
export type ReadyIterator<Item> = AsyncIterator<Item, unknown> & { ready?(): IteratorResult<Item, unknown> | undefined }

/** What can be had of a stream without waiting, in order. Its end is left to whoever reads on. */
export function readyOf<Item>(stream: ReadyIterator<Item>): Item[] {
  const items: Item[] = []
  for (;;) {
    const next = stream.ready?.()
    if (!next || next.done) return items
    items.push(next.value)
  }
}

/** A connection that drops once the answer is `complete` took nothing of it with it: the stream ends there. */
export function untilComplete<Item>(stream: AsyncIterable<Item>, complete: () => boolean): AsyncIterable<Item> {
  const inner: ReadyIterator<Item> = stream[Symbol.asyncIterator]()
  const over = { done: true, value: undefined } as const
  const overAfter = (error: unknown): typeof over => {
    if (!complete()) throw error
    return over
  }
  const outer: ReadyIterator<Item> = {
    next: () => inner.next().catch(overAfter),
    ready() {
      try {
        return inner.ready?.()
      } catch (error) {
        return overAfter(error)
      }
    },
    return: async () => (await inner.return?.()) ?? over,
  }
  return { [Symbol.asyncIterator]: () => outer }
}
