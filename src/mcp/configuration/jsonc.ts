/** JSON as people write it into configuration files: with comments and commas at the end. */
import type { Json } from '../../shared/json.ts'
import { parseJson } from '../../shared/json.ts'

/** The value that `text` spells, or undefined where it spells none. Never throws. */
export function parseJsonc(text: string): Json | undefined {
  // Strings are matched first, so that what looks like a comment or a comma inside of one is left alone.
  const tokens = /"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g
  const bare = text.replace(/^\ufeff/, '').replace(tokens, (token) => (token.startsWith('"') ? token : ' '))
  return parseJson(bare.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])/g, (token) => (token === ',' ? '' : token)))
}
