import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Json } from '../../../src/shared/json.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { BadFile } from '../../../src/store/transfer/bad-file.ts'
import { importChats } from '../../../src/store/transfer/import.ts'
import { anyJson } from '../arbitraries.ts'
import { Place, answer, chain, stored } from '../support.ts'
import { anySeed, exported, grow, pieces, take } from './seeds.ts'

type Bad = {
  format?: string
  version?: unknown
  conversations: { title: unknown; messages: { id: unknown; parent: unknown; message: { content: unknown[] } }[] }[]
  attachments: unknown[]
}

const BAD: [string, (document: Bad) => void, RegExp][] = [
  ['it is from a newer version', (document) => (document.version = 2), /newer Panelist \(format 2\)/],
  ['it names no format', (document) => delete document.format, /no export that Panelist knows/],
  [
    'a title is no text',
    ({ conversations: [one] }) => (one!.title = 7),
    /conversations\[0\]\.title should be text, but is 7/,
  ],
  [
    'messages form a circle',
    ({ conversations: [one] }) => (one!.messages[0]!.parent = 'b'),
    /“Title” is damaged: its messages form a circle/,
  ],
  ['an id is there twice', ({ conversations: [one] }) => (one!.messages[1]!.id = 'a'), /have the same id/],
  [
    'a block is of no known kind',
    ({ conversations: [one] }) => one!.messages[1]!.message.content.push({ type: 'script' }),
    /content\[1\]\.type should be one of/,
  ],
  [
    'the bytes of an attachment are others',
    ({ attachments }) => attachments.push({ hash: 'abc', mediaType: 'image/png', data: 'AAAA' }),
    /attachments\[0\] is damaged/,
  ],
]

for (const kind of ['sqlite', 'memory'] as const) {
  describe(`a file that is not sound, for the store in ${kind}`, () => {
    const places: Place[] = []
    const open = (): Store => {
      const place = new Place()
      places.push(place)
      return kind === 'sqlite' ? place.open() : place.tryOpen({ sqlite: undefined }).store
    }
    afterEach(() => places.splice(0).forEach((place) => place.dispose()))

    it('is not imported in part: no file that is not sound changes anything', async function () {
      this.timeout(180_000)
      const source = open()
      for (const seed of fc.sample(anySeed, { numRuns: 3, seed: 5 })) grow(source, seed)
      const text = exported(source)
      const document = JSON.parse(text) as Json
      const store = open()
      const { id } = store.conversations.create({ title: 'Here' })
      chain(store, id, 2)
      const before = exported(store)
      const unchanged = async (file: Buffer): Promise<void> => {
        await assert.rejects(importChats(store, pieces(file, 500)), BadFile)
        assert.equal(exported(store), before)
      }
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (length) =>
          unchanged(Buffer.from(text).subarray(0, length % (text.length - 2))),
        ),
        { numRuns: 60 },
      )
      await fc.assert(
        fc.asyncProperty(fc.nat(), anyJson, async (place, value) => {
          const damaged = structuredClone(document)
          const spoiled = spoil(damaged, place, value)
          const file = Buffer.from(JSON.stringify(damaged))
          if (spoiled) return unchanged(file)
          // It may still be sound: then it is taken.
          const other = createMemoryStore(Date.now)
          await importChats(other, [file]).catch((error: unknown) => assert.ok(error instanceof BadFile, String(error)))
        }),
        { numRuns: 150 },
      )
    })

    for (const [what, change, why] of BAD) {
      it(`is refused where ${what}`, async () => {
        const source = open()
        const { id } = source.conversations.create({ id: 'c', title: 'Title' })
        source.messages.append(stored(id, { id: 'a' }))
        source.messages.append(stored(id, { id: 'b', parent: 'a', message: answer([{ type: 'text', text: 'x' }]) }))
        const document = JSON.parse(exported(source)) as Bad
        change(document)
        const store = open()
        await assert.rejects(take(store, JSON.stringify(document)), why)
        assert.deepEqual(store.bulk.ids(), [])
        assert.ok(!store.bulk.isTaken('c'))
      })
    }

    it('takes nothing from keys that are names of JavaScript', async () => {
      const source = open()
      const { id } = source.conversations.create({ id: 'c', title: 'Title' })
      source.messages.append(stored(id, { id: 'a', message: { role: 'user', content: [{ type: 'text', text: 'T' }] } }))
      const text = exported(source).replace(
        '"type":"text"',
        '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"type":"text"',
      )
      const store = open()
      await take(store, text.replace('{"format"', '{"__proto__":{"polluted":true},"format"'))
      assert.equal(({} as { polluted?: true }).polluted, undefined)
      assert.deepEqual(store.bulk.read('c')?.messages[0]?.message.content, [{ type: 'text', text: 'T' }])
    })
  })
}

/** Puts `value` in place of something inside of the conversations. True where that cannot be sound. */
function spoil(document: Json, place: number, value: Json): boolean {
  const places: [Record<string, Json> | Json[], string | number][] = []
  const walk = (node: Json): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, child] of Object.entries(node)) {
      places.push([node as Record<string, Json>, key])
      walk(child)
    }
  }
  walk((document as { conversations: Json }).conversations)
  const [node, key] = places[place % places.length]!
  const old = (node as Record<string, Json>)[key]
  ;(node as Record<string, Json>)[key] = value
  const needed = [
    'id',
    'title',
    'createdAt',
    'state',
    'role',
    'message',
    'messages',
    'content',
    'origin',
    'usage',
    'type',
  ]
  return needed.includes(String(key)) && typeof old !== typeof value && !isWire(places, node)
}

/** What is sealed may be anything. */
function isWire(places: readonly [object, string | number][], node: object): boolean {
  const parent = places.find(([one, key]) => (one as Record<string, unknown>)[key] === node)
  if (!parent) return false
  return parent[1] === 'wire' || parent[1] === 'input' || isWire(places, parent[0])
}
