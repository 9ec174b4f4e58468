/** Opens a database as a person who may only read its folder: `node unprivileged.ts <database>`. Prints what it comes to. */
import { openStore } from '../../src/store/open.ts'

// Permissions do not hold for root.
if (process.getuid?.() === 0) process.setuid?.(65_534)
const { store, notices } = openStore({ path: process.argv[2] ?? '' })
const { id } = store.conversations.create({ title: 'T' })
process.stdout.write(JSON.stringify({ durable: store.durable, notices, made: store.conversations.get(id)?.title }))
