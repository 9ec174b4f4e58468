/** Answers nothing: not at all, or (`later`) nothing after the handshake and the list of its tools. */
import { serve, tool } from './speak.ts'

if (process.argv.includes('later')) {
  serve({
    'tools/list': () => ({ tools: [tool('never')] }),
    'notifications/cancelled': ({ reason }) => void process.stderr.write(`cancelled: ${String(reason)}\n`),
  })
} else {
  process.stdin.resume()
  process.stderr.write('waiting for something\n')
}
