import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Json } from '../../../src/shared/json.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { BadFile } from '../../../src/store/transfer/bad-file.ts'
import { importChats } from '../../../src/store/transfer/import.ts'
import { whyNoTree } from '../../../src/store/transfer/tree.ts'
import { anyJson } from '../arbitraries.ts'
import { exported, take } from './seeds.ts'

const fixture = (name: string): Json =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as Json

/** What real files hold where nobody expects it, and anything else. */
const surprise = fc.oneof(
  anyJson,
  fc.constantFrom<Json>(1e300, -1, 'q1', 'a2', '', null, [], {}, ['x'], '__proto__', 'constructor', '2026-99-99'),
)

describe('an export of another program that is spoiled anywhere', () => {
  for (const name of ['chatgpt', 'claude', 'vscode']) {
    it(`is taken as far as it can be, or refused, and never leaves anything unsound: ${name}`, async function () {
      this.timeout(180_000)
      const sound = fixture(name)
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(), surprise), { minLength: 1, maxLength: 4 }), async (changes) => {
          const document = structuredClone(sound)
          for (const [place, value] of changes) spoil(document, place, value)
          const store = createMemoryStore(Date.now)
          try {
            await importChats(store, [Buffer.from(JSON.stringify(document))])
          } catch (error) {
            assert.ok(error instanceof BadFile, String(error))
            assert.deepEqual(store.bulk.ids(), [])
            return
          }
          for (const id of store.bulk.ids()) {
            const { conversation, messages } = store.bulk.read(id)!
            assert.equal(whyNoTree(messages), undefined)
            assert.ok(messages.some((message) => message.id === conversation.leaf))
          }
          if (store.bulk.ids().length === 0) return
          // Our own reader is strict: what it takes, every other part of the program can use.
          const again = createMemoryStore(Date.now)
          const report = await take(again, exported(store))
          assert.equal(report.copies.length, 0)
          assert.deepEqual(JSON.parse(exported(again)), JSON.parse(exported(store)))
        }),
        { numRuns: 300 },
      )
    })
  }

  it('may name a parent that names its child', async () => {
    const document = fixture('chatgpt') as { mapping: Record<string, { parent: string }> }[]
    document[0]!.mapping.q1!.parent = 'a2'
    const store = createMemoryStore(Date.now)
    const report = await importChats(store, [Buffer.from(JSON.stringify(document))])
    assert.equal(report.notes.get('messages that stood in a circle'), 1)
    assert.equal(report.messages, 5)
  })
})

function spoil(document: Json, place: number, value: Json): void {
  const places: [Record<string, Json>, string][] = []
  const walk = (node: Json): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, child] of Object.entries(node)) {
      places.push([node as Record<string, Json>, key])
      walk(child)
    }
  }
  walk(document)
  const found = places[place % places.length]
  if (found) found[0][found[1]] = structuredClone(value)
}
