/** Which values of the settings are secrets: an export leaves them out wherever somebody wrote one into a chat. */
import { isObject } from '../../shared/json.ts'

const SECRET_NAME = /auth|key|token|secret|password|cookie|credential/i
/** Nothing that stands in a sentence by itself: long, in one piece, with a digit. */
const LOOKS_RANDOM = /^(?=.*\d)[^\s/\\]{16,}$/

/** Of headers or variables by their names. A common word in one of them may stand in any chat, and stays there. */
export function secretValues(values: unknown): string[] {
  if (!isObject(values)) return []
  return Object.entries(values).flatMap(([name, value]) => {
    if (typeof value !== 'string' || value.includes('${')) return []
    // `Bearer abc`: the word before it is no secret.
    const last = value.trim().split(/\s+/).at(-1) ?? ''
    const pieces = last === value ? [value] : [value, last]
    return SECRET_NAME.test(name) ? pieces : pieces.filter((piece) => LOOKS_RANDOM.test(piece))
  })
}

/** Of the environments and headers in `panelist.mcp.servers`. */
export function serverSecrets(servers: unknown): string[] {
  if (!isObject(servers)) return []
  return Object.values(servers).flatMap((server) =>
    isObject(server) ? [...secretValues(server.env), ...secretValues(server.headers)] : [],
  )
}
