/** A prompt that is made of every kind of content. */
import { serve } from './speak.ts'

const base64 = (words: string): string => Buffer.from(words).toString('base64')
const says = (content: object): object => ({ role: 'user', content })

serve({
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { prompts: {}, tools: {} },
    serverInfo: { name: 'rich', version: '1' },
  }),
  'tools/list': () => ({ tools: [] }),
  'prompts/list': () => ({ prompts: [{ name: 'all', title: 'Everything at once' }] }),
  'prompts/get': () => ({
    messages: [
      says({ type: 'text', text: 'Look at these.' }),
      says({ type: 'image', data: base64('picture'), mimeType: 'image/png' }),
      says({ type: 'audio', data: base64('sound'), mimeType: 'audio/mpeg' }),
      says({
        type: 'resource',
        resource: { uri: 'demo://notes.txt', mimeType: 'text/plain', text: 'Words of a resource.' },
      }),
      says({
        type: 'resource',
        resource: { uri: 'demo://papers/report.pdf', mimeType: 'application/pdf', blob: base64('paper') },
      }),
    ],
  }),
})
