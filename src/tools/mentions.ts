/** Protected paths in arguments that nobody told us the meaning of: a server's tool takes paths under any name. */
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { PathPort } from './protected-paths.ts'
import { isProtected, judgePath } from './protected-paths.ts'

/** Strings and words of them that are looked up in the file system; all are looked at. */
const LOOKED_UP = 40
const LONGEST_PATH = 1_000

/**
 * The first string, or word of a string, that is or leads to a protected path. Also file URLs, encoded ones, and paths
 * through a symlink. It may name what is none: then a person is asked once more.
 */
export async function mentionsProtected(value: Json, port: PathPort): Promise<string | undefined> {
  const words = [...new Set(stringsOf(value).flatMap(wordsOf))]
  const named = words.find((word) => isProtected(word))
  if (named !== undefined) return named
  for (const word of words.filter((each) => each.length <= LONGEST_PATH).slice(0, LOOKED_UP)) {
    if ((await judgePath(word, port)).kind === 'protected') return word
  }
  return undefined
}

/** Keys count as well: some tools take an object of paths. */
function stringsOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsOf)
  return isObject(value) ? Object.entries(value).flatMap(([key, each]) => [key, ...stringsOf(each)]) : []
}

/** A string as a whole, its words, and both without what URLs put around and into a path. */
function wordsOf(text: string): string[] {
  const parts = [text, ...text.split(/[\s"'`=,;:|&<>(){}[\]]+/)].filter((each) => each !== '')
  return parts.flatMap((each) => (each.includes('%') || each.includes('://') ? [each, unwrapped(each)] : [each]))
}

function unwrapped(text: string): string {
  const path = text.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/[?#].*$/s, '')
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
