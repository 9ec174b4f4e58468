/**
 * A window that writes all it can until it is killed: `node mortal.ts <database> <name>`. Says each write once it has returned,
 * a line each, and `? <id>` before it takes something away. Lines leave the process before the next write begins.
 */
import { writeSync } from 'node:fs'
import { newDraft, settle } from '../../src/shared/reduce.ts'
import { openStore } from '../../src/store/open.ts'
import { ORIGIN, answer, stored } from './support.ts'

const [path = '', name = ''] = process.argv.slice(2)
const say = (...words: (string | number)[]): void => void writeSync(1, `${words.join(' ')}\n`)
const text = (words: string) => [{ type: 'text' as const, text: words }]

const { store, notices } = openStore({ path })
if (notices.length > 0 || !store.durable) throw new Error(JSON.stringify(notices))
say('open')

for (let round = 0; ; round++) {
  const { id } = store.conversations.create({ id: `${name}-${round}`, title: `Chat ${name} ${round}` })
  const question = stored(id, { id: `${id}-q`, message: { role: 'user', content: text(`question${round}of${name}`) } })
  store.messages.append(question)
  say('message', question.id)
  store.conversations.setLeaf(id, question.id)

  const begun = stored(id, { id: `${id}-a`, parent: question.id, message: settle(newDraft(ORIGIN)) })
  store.journal.begin(begun)
  say('message', begun.id)
  store.journal.append(begun.id, [{ type: 'block-start', index: 0, block: { type: 'text', text: '' } }])
  for (let word = 0; word < 8; word++) {
    // What another window's lock holds up is written with the next: nobody says before that it is kept.
    const kept = store.journal.append(begun.id, [{ type: 'block-delta', index: 0, text: `${word} ` }])
    if (kept) say('streamed', begun.id, word + 1)
  }
  if (round % 3 > 0) {
    store.journal.finish({ ...begun, state: 'done', message: answer(text('0 1 2 3 4 5 6 7 ')) })
    say('streamed', begun.id, 8)
  }
  store.conversations.update(id, { title: `Renamed ${name} ${round}`, pinned: round % 2 === 0 })
  say('titled', id, 'Renamed', name, round)
  store.index.step(2)

  if (round % 4 === 1) {
    say('?', question.id)
    const removal = store.messages.remove(question.id, 'message')
    say('removed', question.id)
    if (round % 8 === 1 && removal) {
      store.messages.restoreRemoved(removal.token)
      say('message', question.id)
    }
  }
  if (round % 5 === 4) {
    say('?', id)
    store.conversations.delete(id)
    say('deleted', id)
    if (round % 10 === 9) store.conversations.purge(id)
  }
}
