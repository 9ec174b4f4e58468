/** Files on their way into a message and out of it, and the count before it is sent. */
import { bytesOf } from './attachments.ts'
import type { Handlers } from './handler.ts'

/** More at once are a mistake of the hand. */
const MOST_FILES = 50

export const fileHandlers: Pick<Handlers, 'attach' | 'keepFiles' | 'keptFiles' | 'count' | 'saveFile'> = {
  async attach(session, { uris, draft = '' }) {
    const { desk, mcp, suggestions } = session.services
    const { true: ours = [], false: files = [] } = Object.groupBy(uris, (uri) => `${mcp.offers.isOurs(uri)}`)
    const { true: context = [], false: others = [] } = Object.groupBy(files, (uri) => `${suggestions.isOurs(uri)}`)
    const read = (await Promise.all(ours.map((uri) => mcp.offers.read(uri)))).flat()
    // One after the other: each may ask the person.
    for (const id of context) read.push(...(await suggestions.files(session, id, draft)))
    if (others.length > MOST_FILES)
      throw new Error(`These are ${others.length} files. Attach ${MOST_FILES} at most at once.`)
    for (const uri of new Set(others)) read.push(...(await suggestions.named(session, desk.located(uri), draft)))
    return read
  },

  async keepFiles(session, { conversation, files }) {
    const { keptFiles, mcp } = session.services
    keptFiles.keep(conversation, files)
    mcp.offers.follow(keptFiles.refs)
    return {}
  },

  async keptFiles(session, { conversation }) {
    return session.services.keptFiles.of(conversation)
  },

  async count(session, draft) {
    return session.services.counting.count(session, session.conversation, draft)
  },

  async saveFile(session, { message, place }) {
    const store = session.services.store()
    const stored = store.messages.get(message)
    if (stored?.conversation !== session.conversation) throw new Error('This message is no longer there.')
    const { name, bytes } = bytesOf(stored.message.content[place], store.blobs)
    await session.services.desk.saveFile(name, bytes)
    return {}
  },
}
