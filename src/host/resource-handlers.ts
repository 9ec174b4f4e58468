/** Resources that a tool's result links to, into the draft: read from the server that gave the link, and no other. */
import { linksIn } from '../shared/resource-link.ts'
import { Toolbox } from '../tools/toolbox.ts'
import type { Handlers } from './handler.ts'

export const resourceHandlers: Pick<Handlers, 'attach-link'> = {
  async 'attach-link'(session, { message, callId, uri }) {
    const { answers, mcp, tools, store } = session.services
    const stored = store().messages.get(message)
    const newest = stored && answers.newest(stored)
    const results = newest?.conversation === session.conversation ? newest.message.content : []
    const result = results.find((block) => block.type === 'tool-result' && block.callId === callId)
    const texts = result?.type === 'tool-result' ? result.output : []
    const link = texts
      .flatMap((part) => (part.type === 'text' ? linksIn(part.text) : []))
      .find((one) => one.uri === uri)
    const tool = result?.type === 'tool-result' ? new Toolbox(await tools.all()).get(result.name) : undefined
    if (!link || tool?.source.kind !== 'mcp') throw new Error('The server of this link does not run any more.')
    const { server } = tool.source
    return mcp.offers.read(mcp.offers.picked({ server, uri, name: link.about ?? uri }))
  },
}
