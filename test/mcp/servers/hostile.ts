/** Lists and answers that are made to break who reads them. */
import { serve, tool } from './speak.ts'

const poisoned = {
  type: 'object',
  properties: { a: { type: 'string', description: 'A\u{e0041}\u202e name', pattern: '\u200b' } },
}
const tools = [
  tool('same', { description: 'the first' }),
  tool('same', { description: 'the second' }),
  tool('a/../b c', { description: 'Seen\u202e\u{e0049}\u{e0067}\u200b and \u001b[8mhidden\u001b[0m' }),
  tool('long'.repeat(60), { description: 'd'.repeat(50_000) }),
  { name: 'no schema' },
  { inputSchema: { type: 'object' } },
  tool('huge', { inputSchema: { type: 'object', description: 's'.repeat(200_000) } }),
  tool('wrong', {
    description: { not: 'text' },
    annotations: 'none',
    outputSchema: { type: 'nonsense', $ref: '#/no' },
  }),
  tool('poisoned', { inputSchema: poisoned }),
  'no tool at all',
]
const content = [
  { type: 'text', text: 'a\u0000b\u001b[2Jc\u0007\ud800 <img src="https://evil.example/x.png"><script>1</script>' },
  { type: 'image', mimeType: 'image/svg+xml', data: 'PHN2Zz4=' },
  { type: 'image', mimeType: 'image/png', data: 'not base64!' },
  { type: 'image', mimeType: 'image/png' },
  { type: 'resource_link', uri: 'javascript:alert(1)', name: 'click\nme' },
  { type: 'resource', resource: { uri: 'x://y', blob: 'AAAA', mimeType: 'application/octet-stream' } },
  { type: 'hologram', data: 1 },
  null,
  7,
]
const many = { content: Array.from({ length: 5_000 }, () => ({ type: 'text', text: 'x' })) }
let page = 0
serve({
  'tools/list': () => ({ tools, nextCursor: `page ${(page += 1)}` }),
  'tools/call': ({ name }) =>
    name === 'same' ? { content } : name === 'poisoned' ? many : { structuredContent: { answer: 42 } },
})
