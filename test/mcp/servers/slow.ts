/** Needs a while to start. */
import { serve, text, tool } from './speak.ts'

setTimeout(() => {
  serve({ 'tools/list': () => ({ tools: [tool('work')] }), 'tools/call': () => text('worked') })
}, Number(process.argv[2]))
