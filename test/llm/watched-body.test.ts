import assert from 'node:assert/strict'
import type { BodyWatcher } from '../../src/llm/watched-body.ts'
import { byteSourceOf, watched } from '../../src/llm/watched-body.ts'

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** A response whose body comes in these pieces; an error breaks it off. */
function responseOf(pieces: readonly (string | Error)[], onCancel?: () => void): Response {
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces[at++]
      if (piece === undefined) controller.close()
      else if (typeof piece === 'string') controller.enqueue(bytes(piece))
      else controller.error(piece)
    },
    cancel: () => onCancel?.(),
  })
  return new Response(body, { status: 201, headers: { 'x-id': '7' } })
}

/** What a watcher is told, as words. */
function listener(): { told: string[]; watcher: BodyWatcher } {
  const told: string[] = []
  return {
    told,
    watcher: { read: (read) => told.push(new TextDecoder().decode(read)), end: (how) => told.push(`(${how})`) },
  }
}

describe('a body that is watched', () => {
  it('is the same to its reader, and told to every watcher through one stream around it', async () => {
    const [one, other] = [listener(), listener()]
    const first = watched(responseOf(['a', 'bc']), one.watcher)
    const second = watched(first, other.watcher)
    assert.equal(second, first, 'nothing was put around it once more')
    assert.equal(second.status, 201)
    assert.equal(second.headers.get('x-id'), '7')
    assert.equal(await second.text(), 'abc')
    assert.deepEqual(one.told, ['a', 'bc', '(ended)'])
    assert.deepEqual(other.told, one.told)
  })

  it('tells the same where its bytes are read past the stream around it', async () => {
    const { told, watcher } = listener()
    const response = watched(responseOf(['a', 'bc']), watcher)
    const source = byteSourceOf(response.body!)
    assert.ok(response.body?.locked, 'nobody else may read it')
    for (let over = false; !over;) over = (await source.read()).done
    assert.deepEqual(told, ['a', 'bc', '(ended)'])
  })

  it('tells once that it broke off, or that its reader left, and then lets go of the connection', async () => {
    const broken = listener()
    await assert.rejects(watched(responseOf(['a', new TypeError('terminated')]), broken.watcher).text(), /terminated/)
    assert.deepEqual(broken.told, ['a', '(broke off)'])
    let cancelled = 0
    for (const leave of [
      async (response: Response) => response.body!.cancel(),
      async (response: Response) => byteSourceOf(response.body!).cancel(),
    ]) {
      const left = listener()
      await leave(
        watched(
          responseOf(['a', 'b'], () => cancelled++),
          left.watcher,
        ),
      )
      assert.deepEqual(left.told, ['(stopped)'])
    }
    assert.equal(cancelled, 2)
  })

  it('is not read ahead of its reader', async () => {
    const { told, watcher } = listener()
    const source = byteSourceOf(watched(responseOf(['a', 'b', 'c']), watcher).body!)
    await source.read()
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(told, ['a'])
  })

  it('leaves a response without a body as it is', () => {
    const response = new Response(null, { status: 204 })
    assert.equal(watched(response, {}), response)
  })
})
