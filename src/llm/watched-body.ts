/**
 * Bodies of responses whose bytes somebody counts. However many do, there is one stream around the one of the connection,
 * and who reads event by event reads without it: a stream between costs as much for each read as all that is made of it.
 */

/** Nothing may throw. `end`: told once. */
export type BodyWatcher = {
  read?(bytes: Uint8Array): void
  end?(how: 'ended' | 'broke off' | 'stopped'): void
}

/** The bytes of a body, a read at a time. */
export type ByteSource = {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
}

/** Statuses that have no body, of which a response cannot be put together anew. */
const BODILESS = new Set([101, 204, 205, 304])

/** By its name, because each lazy bundle has this module once more. */
const WATCHED = Symbol.for('panelist.watched-body')

/** The same response, its body told to `watcher` as it is read. Nothing is read ahead of the reader. */
export function watched(response: Response, watcher: BodyWatcher): Response {
  if (!response.body || BODILESS.has(response.status)) return response
  const known = watchedSource(response.body)
  if (known) {
    known.watch(watcher)
    return response
  }
  const source = new WatchedSource(response.body.getReader(), watcher)
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.read()
        if (done || !value) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  const { status, statusText, headers } = response
  const made = new Response(body, { status, statusText, headers })
  Object.defineProperty(made.body, WATCHED, { value: source })
  return made
}

/** Locks the body and reads it, past what was put around it to watch it. */
export function byteSourceOf(body: ReadableStream<Uint8Array>): ByteSource {
  const reader = body.getReader()
  return watchedSource(body) ?? reader
}

function watchedSource(body: ReadableStream<Uint8Array>): WatchedSource | undefined {
  return (body as { [WATCHED]?: WatchedSource })[WATCHED]
}

class WatchedSource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #watchers: BodyWatcher[]

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, watcher: BodyWatcher) {
    this.#reader = reader
    this.#watchers = [watcher]
  }

  watch(watcher: BodyWatcher): void {
    this.#watchers.push(watcher)
  }

  async read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
    try {
      const next = await this.#reader.read()
      if (next.done) this.#end('ended')
      else for (const { read } of this.#watchers) read?.(next.value)
      return next
    } catch (error) {
      this.#end('broke off')
      throw error
    }
  }

  cancel(reason?: unknown): Promise<void> {
    this.#end('stopped')
    return this.#reader.cancel(reason)
  }

  #end(how: 'ended' | 'broke off' | 'stopped'): void {
    for (const { end } of this.#watchers.splice(0)) end?.(how)
  }
}
