/** What a model calls the tools of servers. */
import { createHash } from 'node:crypto'

const LONGEST = 64
const PREFIX = 'mcp_'
const DIGEST = 12

/**
 * A name for a server's tool that every provider takes: at most 64 letters, digits, `_` and `-`. It depends on nothing
 * but the two names, so it stays while other servers come and go. Plain names stand as they are: a server without `_`
 * ends at the first one, so no two pairs share a name. Every other pair gets a digest of both at its end, and no plain
 * name ends like that. The prefix keeps clear of Panelist's own tools.
 */
export function toolName(server: string, tool: string): string {
  const plain = `${PREFIX}${server}_${tool}`
  const isPlain = /^[a-zA-Z0-9-]+$/.test(server) && /^[a-zA-Z0-9_-]+$/.test(tool) && !/_[0-9a-f]{12}$/.test(tool)
  if (isPlain && plain.length <= LONGEST) return plain
  const digest = createHash('sha256')
    .update(JSON.stringify([server, tool]))
    .digest('hex')
    .slice(0, DIGEST)
  const room = LONGEST - PREFIX.length - DIGEST - 1
  return `${PREFIX}${slug(`${server}_${tool}`).slice(0, room)}_${digest}`
}

function slug(text: string): string {
  return text.replace(/[^a-zA-Z0-9-]+/g, '_')
}
