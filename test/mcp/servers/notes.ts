/** A note that changes when its tool is called, and tells those who subscribed. What it was asked stands in another note. */
import { notify, serve, text, tool } from './speak.ts'

let note = 'first'
const subscribed = new Set<unknown>()
const asked: string[] = []
const read: Record<string, () => string> = {
  'note://one': () => note,
  'note://linked': () => 'Only a link leads here.',
  'note://asked': () => asked.join(' '),
}

serve({
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { resources: { subscribe: true }, tools: {} },
    serverInfo: { name: 'notes', version: '1' },
  }),
  'resources/list': () => ({
    resources: [
      { uri: 'note://one', name: 'One' },
      { uri: 'note://asked', name: 'Asked' },
    ],
  }),
  'resources/templates/list': () => ({ resourceTemplates: [] }),
  'resources/read': ({ uri }) => ({ contents: [{ uri, mimeType: 'text/plain', text: read[String(uri)]?.() ?? '' }] }),
  'resources/subscribe': ({ uri }) => {
    asked.push(`+${String(uri)}`)
    subscribed.add(uri)
    return {}
  },
  'resources/unsubscribe': ({ uri }) => {
    asked.push(`-${String(uri)}`)
    subscribed.delete(uri)
    return {}
  },
  'tools/list': () => ({ tools: [tool('write'), tool('touch'), tool('link')] }),
  'tools/call': ({ name, arguments: given }) => {
    if (name === 'link') {
      const link = (uri: string) => ({ type: 'resource_link', uri, name: 'A linked note' })
      return { content: [link('note://linked'), link('https://host.example/page')] }
    }
    if (name === 'write') note = String((given as Record<string, unknown>).to)
    if (subscribed.has('note://one')) notify('notifications/resources/updated', { uri: 'note://one' })
    return text('done')
  },
})
