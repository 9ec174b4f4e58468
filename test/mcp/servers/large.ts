/** Answers with as many bytes as it is asked for, in one line. */
import { serve, text, tool } from './speak.ts'

serve({
  'tools/list': () => ({ tools: [tool('text'), tool('image')] }),
  'tools/call': ({ name, arguments: given }) => {
    const { bytes } = given as { bytes: number }
    if (name === 'text') return text('x'.repeat(bytes))
    return { content: [{ type: 'image', mimeType: 'image/png', data: 'A'.repeat(bytes) }] }
  },
})
