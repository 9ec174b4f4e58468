/** Windows that are killed in the middle of whatever they write. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { textOf } from '../../src/shared/message.ts'
import type { Store } from '../../src/store/store.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place } from './support.ts'

const KILLS = 200
const AT_ONCE = 4
/** The longest life after a window has opened, in milliseconds. */
const LIFE = 120

describe('windows that are killed', function () {
  this.timeout(180_000)
  let place: Place
  let script: string
  const living = new Set<ChildProcess>()
  before(async () => {
    place = new Place()
    script = join(place.folder, 'mortal.mjs')
    // One file: most of a short life would be spent on reading the sources.
    await build({
      entryPoints: [fileURLToPath(new URL('mortal.ts', import.meta.url))],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    })
  })
  after(() => {
    for (const child of living) child.kill('SIGKILL')
    place.dispose()
  })

  /** Lets a window live for a while; gives what it had said when it was killed. */
  const liveAndDie = async (name: string): Promise<string[]> => {
    const child = spawn(process.execPath, [script, place.path, name], { stdio: ['ignore', 'pipe', 'inherit'] })
    living.add(child)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const closed = once(child, 'close')
    while (!output.includes('open\n')) {
      assert.equal(child.exitCode ?? child.signalCode, null, 'it ended before it had opened')
      await Promise.race([once(child.stdout, 'data'), closed])
    }
    await pause(Math.random() * LIFE)
    child.kill('SIGKILL')
    const [, signal] = (await closed) as [number, string]
    living.delete(child)
    assert.equal(signal, 'SIGKILL', 'it ended by itself')
    return output.split('\n').slice(0, -1)
  }

  const textIn = (store: Store, id: string): string => textOf((store.messages.get(id)?.message.content ?? []).slice())

  /** Everything that was said stands; what was about to be taken away may be gone or not. */
  const check = (store: Store, lines: string[]): number => {
    const words = lines.map((line) => line.split(' '))
    const doubtful = new Set(words.flatMap(([what, id]) => (what === '?' ? [id] : [])))
    const gone = new Set(words.flatMap(([what, id]) => (what === 'deleted' ? [id] : [])))
    const chatOf = (message: string): string => message.replace(/-[qa]$/, '')
    for (const [what, id = '', ...rest] of words) {
      if (doubtful.has(id) || doubtful.has(chatOf(id))) continue
      if (what === 'message') assert.ok(store.messages.get(id), `${id} is lost`)
      if (what === 'titled') assert.equal(store.conversations.get(id)?.title, rest.join(' '))
      if (what === 'streamed') {
        const expected = Array.from({ length: Number(rest[0]) }, (_, word) => `${word} `).join('')
        assert.ok(textIn(store, id).startsWith(expected), `${id}: ${textIn(store, id)} of ${rest[0]}`)
      }
    }
    for (const id of gone) assert.equal(store.conversations.get(id ?? ''), undefined)
    return words.filter(([what]) => what !== '?').length
  }

  it(`lose nothing that had returned, and leave a sound database, ${KILLS} times`, async () => {
    let [killed, writes, streamed] = [0, 0, 0]
    while (killed < KILLS) {
      // No name begins with another: a search finds what begins with its word, and gives no more than a page.
      const names = Array.from({ length: AT_ONCE }, () => `${killed++}w`)
      const said = await Promise.all(names.map(liveAndDie))
      const store = place.open()
      store.journal.recover()
      for (const lines of said) {
        writes += check(store, lines)
        streamed += lines.filter((line) => line.startsWith('streamed')).length
      }
      store.close()
    }
    const store = place.open()
    while (store.index.step());
    assert.equal(store.index.behind(), 0)
    const chats = store.conversations.list({ limit: 1e6 })
    for (const { id } of chats.slice(-50)) {
      const question = store.messages.get(`${id}-q`)
      const word = question && textOf(question.message.content.slice())
      if (word)
        assert.ok(
          store.conversations.list({ search: word }).some((one) => one.id === id),
          `${word} is not found`,
        )
      assert.notEqual(store.messages.get(`${id}-a`)?.state, 'streaming')
    }
    const database = new (loadSqlite()!.DatabaseSync)(place.path)
    assert.equal(database.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok')
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), [])
    database.close()
    assert.deepEqual(place.problems, [])
    console.log(`      ${writes} writes (${streamed} of what streamed) of ${killed} windows, ${chats.length} chats`)
    assert.ok(writes > KILLS * 5 && streamed > KILLS * 2, `only ${writes} writes, ${streamed} of what streamed`)
  })
})
