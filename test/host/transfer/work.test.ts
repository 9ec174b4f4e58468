import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TransferParts } from '../../../src/host/transfer/index.ts'
import { exportAll, exportConversation, importConversations } from '../../../src/host/transfer/index.ts'
import type { Store } from '../../../src/store/store.ts'
import { Place, chain, stored } from '../../store/support.ts'
import { PICTURE, branch } from './branch.ts'
import { FakeDesk } from './fake-desk.ts'

const FIXTURES = join(import.meta.dirname, '../../store/transfer/fixtures')
const KEY = 'sk-live-0123456789abcdef'
const HEADER = 'team "quoted" header value'

describe('exports and imports', () => {
  let place: Place
  let store: Store
  let desk: FakeDesk
  let changed: number
  let lines: string[]
  beforeEach(() => {
    place = new Place()
    store = place.open()
    desk = new FakeDesk(join(place.folder, 'files'))
    mkdirSync(desk.folder)
    changed = 0
    lines = []
  })
  afterEach(() => place.dispose())
  const parts = (): TransferParts => ({
    store: () => store,
    desk,
    by: 'Panelist 1.2.3',
    secrets: () => Promise.resolve([KEY, HEADER, 'short']),
    changed: () => void changed++,
    log: (line) => void lines.push(line),
  })
  const saved = (name: string): string => readFileSync(join(desk.folder, name), 'utf8')

  /** The conversation of the pages, stored. */
  function start(title = 'Sorting: a list?'): string {
    const { id } = store.conversations.create({ title })
    let parent: string | null = null
    for (const message of branch()) {
      store.messages.append({ ...message, id: `${id}-${message.id}`, conversation: id, parent })
      parent = `${id}-${message.id}`
    }
    store.conversations.setLeaf(id, parent!)
    return id
  }

  it('write what the ending of the chosen file tells, under a name that every system takes', async () => {
    const id = start()
    for (const ending of ['md', 'html', 'json']) {
      desk.ending = ending
      await exportConversation(parts(), id)
    }
    assert.deepEqual(desk.offered[0], { name: 'Sorting a list.md', kinds: ['md', 'html', 'htm', 'json'] })
    assert.match(saved('Sorting a list.md'), /^# Sorting: a list\?\n\n## You/)
    assert.match(saved('Sorting a list.html'), /^<!DOCTYPE html>/)
    const document = JSON.parse(saved('Sorting a list.json')) as { by: string; conversations: { id: string }[] }
    assert.equal(document.by, 'Panelist 1.2.3')
    assert.deepEqual(
      document.conversations.map((one) => one.id),
      [id],
    )
    assert.deepEqual(
      desk.said.map(({ sentence }) => sentence),
      [
        'Exported to Sorting a list.md.',
        'Exported to Sorting a list.html.',
        'Exported to Sorting a list.json. 2 attachments are named in it without content: the database lost it.',
      ],
    )
  })

  it('open what was written where the person wants that', async () => {
    desk.presses = 'Open'
    await exportConversation(parts(), start())
    assert.deepEqual(desk.opened, [join(desk.folder, 'Sorting a list.md')])
  })

  it('say that there is nothing yet instead of asking where to', async () => {
    await exportConversation(parts(), undefined)
    await exportConversation(parts(), store.conversations.create({ title: 'Empty' }).id)
    await exportAll(parts())
    assert.deepEqual(desk.offered, [])
    assert.equal(desk.said.length, 3)
  })

  it('hold no key and no header, wherever in the chats somebody wrote one', async () => {
    const id = start(`About ${KEY}`)
    const output = [{ type: 'text' as const, text: `ANTHROPIC_API_KEY=${KEY}\nX-Team: ${HEADER}` }]
    const result = { type: 'tool-result' as const, callId: 'x', name: 'run', ranBy: 'host' as const, output }
    const leaf = store.conversations.get(id)!.leaf!
    const message = stored(id, {
      parent: leaf,
      message: { role: 'tool', content: [{ ...result, wire: { key: KEY } }] },
    })
    store.messages.append(message)
    store.conversations.setLeaf(id, message.id)
    await exportAll(parts())
    for (const ending of ['md', 'html', 'json']) {
      desk.ending = ending
      await exportConversation(parts(), id)
    }
    const files = readdirSync(desk.folder)
    assert.equal(files.length, 4)
    for (const file of files) {
      const text = saved(file)
      assert.ok(!text.includes(KEY), file)
      assert.ok(!text.includes('quoted'), file)
      if (file.endsWith('.json')) {
        JSON.parse(text)
        assert.ok(text.includes('[key removed]'))
      }
    }
  })

  it('leave what stood there as it was where they are stopped or cannot be written', async () => {
    for (let at = 0; at < 20; at++) start(`Chat ${at}`)
    desk.ending = 'txt'
    await exportAll(parts())
    const [name] = readdirSync(desk.folder)
    const before = saved(name!)
    start('More')
    desk.stopsAt = 0.5
    await exportAll(parts())
    assert.deepEqual(readdirSync(desk.folder), [name])
    assert.equal(saved(name!), before)
    assert.equal(desk.said.length, 1)
    desk.stopsAt = undefined
    desk.ending = 'x/no-such-folder/y'
    await exportAll(parts())
    assert.equal(desk.said[1]?.level, 'error')
    assert.match(desk.said[1].sentence, /^The export could not be written: ENOENT/)
  })

  it('bring everything to another database and say so', async () => {
    const id = start()
    store.blobs.put(PICTURE, 'image/png')
    await exportAll(parts())
    desk.chosen = [join(desk.folder, readdirSync(desk.folder)[0]!)]
    const other = new Place()
    try {
      const there = other.open()
      desk.presses = 'Show Chats'
      await importConversations({ ...parts(), store: () => there })
      assert.deepEqual(there.bulk.read(id), store.bulk.read(id))
      assert.equal(desk.said.at(-1)?.sentence, 'Imported 1 conversation with 6 messages.')
      assert.equal(changed, 1)
      assert.equal(desk.chatsShown, 1)
      assert.ok(desk.progress.at(-1)! > 0)
    } finally {
      other.dispose()
    }
  })

  it('show a report of what could not be taken, and take files that lie beside the export', async () => {
    const folder = join(place.folder, 'chatgpt')
    mkdirSync(join(folder, 'user-files'), { recursive: true })
    copyFileSync(join(FIXTURES, 'chatgpt.json'), join(folder, 'conversations.json'))
    writeFileSync(join(folder, 'user-files', 'file_00000000e72471f5958f1b40867122cd-list.dat'), PICTURE)
    // What is no plain file of the export is not taken.
    symlinkSync('/etc/hostname', join(folder, 'file-Report.txt'))
    desk.chosen = [join(folder, 'conversations.json')]
    desk.presses = 'Show Report'
    await importConversations(parts())
    assert.match(desk.said[0]!.sentence, /^Imported 1 conversation with 5 messages\. Not everything/)
    const [report] = desk.documents
    assert.match(report!, /# Import of conversations\.json/)
    assert.match(report!, /1 attachment came with them/)
    assert.match(report!, /2 × attachments that the export names but does not hold/)
  })

  it('tell of a file that cannot be taken why, and that nothing was changed', async () => {
    const files: [string, string | Buffer, RegExp][] = [
      ['a.json', 'hello', /This file is no JSON/],
      ['b.json', '[{"mapping":', /cut off/],
      ['c.json', '{"hello":1}', /no export that Panelist knows/],
      ['d.json', Buffer.from([0x50, 0x4b, 3, 4]), /zip archive. Unpack it/],
      ['e.json', Buffer.from([0x5b, 0xff, 0xfe]), /no text in UTF-8/],
      ['f.json', '', /empty/],
      ['g.json', '[]', /no export that Panelist knows/],
    ]
    for (const [name, content] of files) writeFileSync(join(desk.folder, name), content)
    desk.chosen = files.map(([name]) => join(desk.folder, name))
    await importConversations(parts())
    for (const [at, [name, , why]] of files.entries()) {
      const { level, sentence } = desk.said[at]!
      assert.equal(level, 'error')
      assert.ok(sentence.startsWith(`${name} was not imported, and nothing was changed. `), sentence)
      assert.match(sentence, why)
    }
    assert.deepEqual(store.bulk.ids(), [])
    assert.equal(changed, 0)
  })

  it('are stopped by the person without a trace', async () => {
    for (let at = 0; at < 200; at++)
      chain(store, store.conversations.create({ title: `Chat ${at}` }).id, 20, 'word '.repeat(40))
    await exportAll(parts())
    desk.chosen = [join(desk.folder, readdirSync(desk.folder)[0]!)]
    const other = new Place()
    try {
      const there = other.open()
      desk.stopsAt = 0.5
      await importConversations({ ...parts(), store: () => there })
      assert.match(desk.said.at(-1)!.sentence, /was stopped\. Nothing was changed/)
      assert.deepEqual(there.bulk.ids(), [])
    } finally {
      other.dispose()
    }
  })

  it('write nothing of the chats to the log', async () => {
    await exportConversation(parts(), start('A secret title'))
    desk.chosen = [join(FIXTURES, 'claude.json')]
    await importConversations(parts())
    assert.deepEqual(lines, ['exported a chat', 'imported 2 chats, 7 messages (claude)'])
  })
})
