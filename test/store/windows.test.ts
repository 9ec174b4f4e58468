/** Several windows, as real processes, on one database. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { textOf } from '../../src/shared/message.ts'
import type { Store } from '../../src/store/store.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { Place, chain, stored, streaming } from './support.ts'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

describe('windows that share a database', () => {
  let place: Place
  let children: ChildProcess[]
  beforeEach(() => {
    place = new Place()
    children = []
  })
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    place.dispose()
  })

  const run = (mode: string, name: string, count = 0) => {
    const child = spawn(process.execPath, [WRITER, mode, place.path, name, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    return { child, lines: () => output.split('\n').slice(0, -1), exit: once(child, 'exit') }
  }
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const textIn = (store: Store, id: string) => textOf((store.messages.get(id)?.message.content ?? []).slice())

  it('keep all that was appended when one is killed in mid-answer', async () => {
    const writer = run('stream', 'answer')
    await until(() => writer.lines().length >= 30)
    writer.child.kill('SIGKILL')
    await writer.exit
    const store = place.open()
    const acknowledged = writer.lines().length
    const [message, ...others] = store.journal.recover()
    assert.deepEqual(others, [])
    assert.equal(message?.state, 'interrupted')
    const words = textIn(store, 'answer').trim().split(' ').map(Number)
    assert.deepEqual(words, [...words.keys()], 'the text is not a prefix of what was streamed')
    // The kill may fall between a write and the line that tells of it.
    assert.ok(words.length === acknowledged || words.length === acknowledged + 1, `${words.length} of ${acknowledged}`)
    assert.ok(message.message.role === 'assistant' && message.message.stop.kind === 'failed')
    assert.equal(message.message.stop.failure.code, 'truncated')
    assert.match(message.message.stop.failure.message, /editor closed/)
    assert.deepEqual(store.messages.get('answer'), message)
    assert.deepEqual(store.journal.recover(), [])
  })

  it('see what a living one streams, grow with it, and leave it alone', async () => {
    const writer = run('stream', 'answer')
    await until(() => writer.lines().length >= 5)
    const store = place.open()
    assert.deepEqual(store.journal.recover(), [])
    // The version first: a write between the two would be in the text already, and change the version no more.
    const version = store.dataVersion()
    const before = textIn(store, 'answer')
    assert.equal(store.messages.get('answer')?.state, 'streaming')
    await until(() => textIn(store, 'answer').length > before.length)
    assert.notEqual(store.dataVersion(), version)
    assert.equal(store.messages.get('answer')?.state, 'streaming')
  })

  it('lose no row when three write at once, from the moment the file is made', async () => {
    const writers = ['one', 'two', 'three'].map((name) => run('fill', name, 150))
    await until(() => writers.every((writer) => writer.lines().length === 1))
    writeFileSync(`${place.path}.go`, '')
    for (const [code] of await Promise.all(writers.map((writer) => writer.exit))) assert.equal(code, 0)
    const store = place.open()
    for (const writer of writers) {
      const [, conversation = ''] = writer.lines()
      assert.equal(store.messages.children(conversation, null).filter(({ state }) => state === 'done').length, 150)
    }
  })

  it('lose nothing when two edit the same message of one conversation at once: all become siblings', async () => {
    const store = place.open()
    store.conversations.create({ id: 'shared', title: 'T' })
    const [root = ''] = chain(store, 'shared', 1)
    const writers = ['one', 'two'].map((name) => run('edit', name, 100))
    await until(() => writers.every((writer) => writer.lines().length === 1))
    const version = store.dataVersion()
    writeFileSync(`${place.path}.go`, '')
    for (const [code] of await Promise.all(writers.map((writer) => writer.exit))) assert.equal(code, 0)
    assert.notEqual(store.dataVersion(), version)
    const names = ['one', 'two'].flatMap((name) => Array.from({ length: 100 }, (_, place) => `${name}-${place}`))
    const children = store.messages.children('shared', root).map(({ id }) => id)
    assert.deepEqual(children.toSorted(), names.toSorted())
    assert.deepEqual(store.messages.siblings('one-0'), children)
    const leaf = store.conversations.get('shared')?.leaf ?? ''
    assert.ok(['one-99', 'two-99'].includes(leaf), leaf)
    assert.deepEqual(
      store.messages.branch('shared', leaf).map(({ id }) => id),
      [root, leaf],
    )
  })

  it('keep what one writes below what the other removes meanwhile', () => {
    const [mine, theirs] = [place.open(), place.open()]
    const { id } = mine.conversations.create({ title: 'T' })
    const [first = '', second = '', third = ''] = chain(mine, id, 3)
    mine.conversations.setLeaf(id, third)
    const begun = streaming(id, { parent: third })
    theirs.journal.begin(begun)
    theirs.conversations.setLeaf(id, begun.id)
    const removal = mine.messages.remove(second, 'branch')
    assert.equal(mine.conversations.get(id)?.leaf, first)
    const late = stored(id, { parent: begun.id })
    theirs.messages.append(late)
    theirs.conversations.setLeaf(id, late.id)
    theirs.journal.finish({ ...begun, state: 'done' })
    const shown = () => mine.messages.branch(id, mine.conversations.get(id)?.leaf ?? '').map((message) => message.id)
    assert.deepEqual(shown(), [first, late.id])
    mine.messages.restoreRemoved(removal?.token ?? '')
    assert.deepEqual(shown(), [first, second, third, begun.id, late.id])
  })

  it('keep an answer whose conversation the other deletes meanwhile, for when it is wanted back', () => {
    const [mine, theirs] = [place.open(), place.open()]
    const begun = streaming(mine.conversations.create({ title: 'T' }).id)
    theirs.journal.begin(begun)
    mine.conversations.delete(begun.conversation)
    theirs.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'whole' } }])
    assert.equal(theirs.messages.get(begun.id), undefined)
    assert.throws(() => theirs.messages.append(stored(begun.conversation)), /deleted/)
    mine.conversations.restore(begun.conversation)
    assert.equal(textIn(mine, begun.id), 'whole')
  })

  it('wait for each other where both find the file new', async () => {
    const holder = run('hold', '')
    await until(() => holder.lines().length === 1)
    place.open()
  })

  it('are told that another has written by a number that changes, and only then', () => {
    const [mine, theirs] = [place.open(), place.open()]
    const version = mine.dataVersion()
    chain(mine, mine.conversations.create({ title: 'own' }).id, 1)
    assert.equal(mine.dataVersion(), version)
    theirs.conversations.create({ title: 'other' })
    assert.notEqual(mine.dataVersion(), version)
  })

  it('take one that was silent for half a minute for dead, though its process is there', () => {
    let now = 100_000
    const [hung, other] = [place.open({ clock: () => now }), place.open({ clock: () => now })]
    const begun = streaming(hung.conversations.create({ title: 'T' }).id)
    hung.journal.begin(begun)
    now += 29_000
    hung.heartbeat()
    now += 30_000
    assert.deepEqual(other.journal.recover(), [])
    now += 1
    assert.equal(other.messages.get(begun.id)?.state, 'interrupted', 'a dead stream is shown as live')
    assert.deepEqual(
      other.journal.recover().map(({ id }) => id),
      [begun.id],
    )
    // The one that was only asleep must neither tear what was settled nor lose what it has.
    hung.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: 'late' } }])
    assert.equal(textIn(other, begun.id), '')
    const final = stored(begun.conversation, { ...begun, state: 'done' })
    hung.journal.finish(final)
    assert.deepEqual(other.messages.get(begun.id), final)
  })

  it('recover at once what one left open when it closed in order', () => {
    const left = place.open()
    const begun = streaming(left.conversations.create({ title: 'T' }).id)
    left.journal.begin(begun)
    left.close()
    assert.equal(place.open().journal.recover()[0]?.state, 'interrupted')
  })

  it('keep the events of a stream while another program holds the lock', function () {
    const store = place.open()
    const begun = streaming(store.conversations.create({ title: 'T' }).id)
    store.journal.begin(begun)
    const sqlite = loadSqlite()
    assert.ok(sqlite)
    const holder = new sqlite.DatabaseSync(place.path)
    holder.exec('BEGIN IMMEDIATE')
    const open = { type: 'block-start', index: 0, block: { type: 'text', text: 'one ' } } as const
    assert.equal(store.journal.append(begun.id, [open]), false)
    assert.equal(store.journal.append(begun.id, [{ type: 'block-delta', index: 0, text: 'two ' }]), false)
    assert.equal(textIn(store, begun.id), '')
    holder.exec('ROLLBACK')
    assert.equal(store.journal.append(begun.id, []), true)
    assert.equal(textIn(store, begun.id), 'one two ')
    holder.exec('BEGIN IMMEDIATE')
    assert.equal(store.journal.append(begun.id, [{ type: 'block-delta', index: 0, text: 'three ' }]), false)
    holder.exec('ROLLBACK')
    holder.close()
    assert.equal(store.journal.append(begun.id, [{ type: 'block-delta', index: 0, text: 'four' }]), true)
    assert.equal(textIn(store, begun.id), 'one two three four')
  })
})
