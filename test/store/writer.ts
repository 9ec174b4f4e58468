/**
 * A window of its own, as a process: `node writer.ts stream|fill <database> <name> <count>`. Prints a line for every
 * write that has returned. `stream` goes on until it is killed.
 */
import { openStore } from '../../src/store/open.ts'
import { ORIGIN, stored } from './support.ts'
import { settle, newDraft } from '../../src/shared/reduce.ts'

const [mode, path = '', name = '', count = '0'] = process.argv.slice(2)
const { store, notices } = openStore({ path })
if (notices.length > 0 || !store.durable) throw new Error(JSON.stringify(notices))
const say = (line: string | number): void => void process.stdout.write(`${line}\n`)
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

if (mode === 'stream') {
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
  const conversation = store.conversations.create({ title: name }).id
  for (let place = 0; place < Number(count); place++) {
    const id = `${name}-${place}`
    store.journal.begin(stored(conversation, { id, message: settle(newDraft(ORIGIN)) }))
    store.journal.append(id, [{ type: 'block-start', index: 0, block: { type: 'text', text: id } }])
    store.journal.finish(stored(conversation, { id }))
  }
  say(conversation)
  store.close()
}
