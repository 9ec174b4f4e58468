/**
 * A window of its own, as a process: `node writer.ts stream|fill|hold|edit <database> <name> <count>`. Prints a line for every
 * write that has returned. `stream` goes on until it is killed. `fill` opens the database when `<database>.go` is there.
 * `edit` answers the first message of the conversation `shared` so many times when `<database>.go` is there. `hold` reads a new file for a third of a second.
 */
import { existsSync } from 'node:fs'
import { openStore } from '../../src/store/open.ts'
import { loadSqlite } from '../../src/store/sqlite.ts'
import { ORIGIN, stored } from './support.ts'
import { settle, newDraft } from '../../src/shared/reduce.ts'

const [mode, path = '', name = '', count = '0'] = process.argv.slice(2)
const say = (line: string | number): void => void process.stdout.write(`${line}\n`)
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const open = () => {
  const { store, notices } = openStore({ path })
  if (notices.length > 0 || !store.durable) throw new Error(JSON.stringify(notices))
  return store
}

if (mode === 'stream') {
  const store = open()
  const conversation = store.conversations.create({ title: name }).id
  store.journal.begin(stored(conversation, { id: name, message: settle(newDraft(ORIGIN)) }))
  store.journal.append(name, [{ type: 'block-start', index: 0, block: { type: 'text', text: '' } }])
  for (let written = 0; ; written++) {
    store.journal.append(name, [{ type: 'block-delta', index: 0, text: `${written} ` }])
    say(written)
    await wait(2)
  }
}

if (mode === 'fill') {
  say('ready')
  while (!existsSync(`${path}.go`)) await wait(1)
  const store = open()
  const conversation = store.conversations.create({ title: name }).id
  for (let place = 0; place < Number(count); place++) {
    const id = `${name}-${place}`
    store.journal.begin(stored(conversation, { id, message: settle(newDraft(ORIGIN)) }))
    store.journal.append(id, [{ type: 'block-start', index: 0, block: { type: 'text', text: id } }])
    store.journal.finish(stored(conversation, { id }))
    // Reads before it writes: the case that a transaction without the write lock cannot repeat.
    store.conversations.delete(store.conversations.create({ title: 'passing' }).id)
  }
  say(conversation)
  store.close()
}

if (mode === 'edit') {
  const store = open()
  const [root] = store.messages.children('shared', null)
  say('ready')
  while (!existsSync(`${path}.go`)) await wait(1)
  for (let place = 0; place < Number(count); place++) {
    const id = `${name}-${place}`
    store.messages.append(stored('shared', { id, parent: root?.id ?? null }))
    store.conversations.setLeaf('shared', id)
    // The other window may have gone on meanwhile: whatever is shown, it is one of both.
    say(store.conversations.get('shared')?.leaf ?? '')
  }
  store.close()
}

if (mode === 'hold') {
  const sqlite = loadSqlite()
  if (!sqlite) throw new Error('No SQLite.')
  const database = new sqlite.DatabaseSync(path)
  database.exec('BEGIN')
  database.prepare('SELECT * FROM sqlite_schema').all()
  say('holding')
  await wait(300)
  database.exec('ROLLBACK')
  database.close()
}
