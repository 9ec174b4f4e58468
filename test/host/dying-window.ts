/** A window in the middle of an answer, until it is killed: `node dying-window.ts <database>`. Says the id of its chat. */
import { newDraft, settle } from '../../src/shared/reduce.ts'
import { openStore } from '../../src/store/open.ts'
import { ORIGIN, stored } from '../store/support.ts'

const { store } = openStore({ path: process.argv[2] ?? '' })
const { id } = store.conversations.create({ title: 'Left behind' })
const question = stored(id, { message: { role: 'user', content: [{ type: 'text', text: 'Tell me' }] } })
store.messages.append(question)
const answer = stored(id, { parent: question.id, state: 'streaming', message: settle(newDraft(ORIGIN)) })
store.journal.begin(answer)
store.conversations.setLeaf(id, answer.id)
store.journal.append(answer.id, [
  { type: 'block-start', index: 0, block: { type: 'text', text: '' } },
  { type: 'block-delta', index: 0, text: 'Half of it' },
])
console.log(id)
setInterval(() => undefined, 1_000)
