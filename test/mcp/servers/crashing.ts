/** Ends with exit code 7: at once where told so, else when its tool is called. Counts its starts in a file. */
import { appendFileSync, readFileSync } from 'node:fs'
import { serve, tool } from './speak.ts'

const [counter = '', ...when] = process.argv.slice(2)
appendFileSync(counter, 'x')
const starts = readFileSync(counter, 'utf8').length
const crash = () => {
  process.stderr.write('first line\nthe database is gone\n', () => process.exit(7))
  return undefined
}
if (when.includes('always') || (when.includes('later') && starts > 1)) crash()
else {
  serve({
    'tools/list': () => ({ tools: [tool('crash'), tool('starts')] }),
    'tools/call': ({ name }) => (name === 'crash' ? crash() : { content: [{ type: 'text', text: String(starts) }] }),
  })
}
