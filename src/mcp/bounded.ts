/** Answers of servers on the web, of which nobody else limits the size. */

/** Bytes of one answer, or of one line of a stream that has no end. */
const LARGEST = 32 * 1024 * 1024

/** The same answer, whose body fails when more comes than we read. */
export function bounded(answer: Response): Response {
  if (!answer.body) return answer
  const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  let size = 0
  const meter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const lineEnd = isStream ? chunk.lastIndexOf(10) : -1
      size = lineEnd === -1 ? size + chunk.length : chunk.length - lineEnd - 1
      if (size > LARGEST) controller.error(new Error(`an answer of more than ${LARGEST} bytes came`))
      else controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = answer
  const same = new Response(answer.body.pipeThrough(meter), { status, statusText, headers })
  // A new response has no address of its own, and redirects are judged by it.
  return Object.defineProperty(same, 'url', { value: answer.url })
}
