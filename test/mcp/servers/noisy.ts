/** Writes what is no message to its standard output, before, between and around messages. */
import { serve, text, tool } from './speak.ts'

process.stdout.write('Listening...\n\n{"half": \n[1,2,3]\n{"jsonrpc":"2.0"}\n\u001b[31mred\u001b[0m\n')
process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]))
serve({
  'tools/list': () => ({ tools: [tool('work')] }),
  'tools/call': () => {
    process.stdout.write('debug: called\nnull\n"text"\n')
    return text('worked')
  },
})
