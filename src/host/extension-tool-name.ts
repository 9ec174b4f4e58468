/** What models call the tools of other extensions. */
import { digestOf } from '../tools/digest.ts'

const LONGEST = 64
const PREFIX = 'ext_'
const DIGEST = 12

/** A name that every provider takes and that depends on the tool's own name alone; see `toolName` of MCP servers. */
export function extensionToolName(name: string): string {
  const plain = PREFIX + name
  if (/^[a-zA-Z0-9_-]+$/.test(name) && plain.length <= LONGEST && !/_[0-9a-f]{12}$/.test(name)) return plain
  const room = LONGEST - PREFIX.length - DIGEST - 1
  return `${PREFIX}${name.replace(/[^a-zA-Z0-9-]+/g, '_').slice(0, room)}_${digestOf(name).slice(0, DIGEST)}`
}
