/** Which files the instructions of a file are for: `applyTo`, as VS Code reads it. */
import { globFilter } from '../../tools/built-in/files/ignored.ts'

/** Longer ones are no pattern a person wrote, in UTF-16 units. */
const LONGEST = 1_000

/** Several globs stand in one text with commas between them; a comma in braces belongs to its glob. */
export function globsOf(applyTo: string): string[] {
  const globs: string[] = []
  let depth = 0
  let glob = ''
  for (const letter of applyTo) {
    if (letter === '{') depth++
    else if (letter === '}') depth = Math.max(0, depth - 1)
    if (letter === ',' && depth === 0) {
      globs.push(glob)
      glob = ''
    } else glob += letter
  }
  return [...globs, glob].map((one) => one.trim()).filter((one) => one !== '')
}

/** True for what holds without any file. */
export function isForAll(globs: readonly string[]): boolean {
  return globs.some((glob) => ['*', '**', '**/*'].includes(glob))
}

/**
 * The place of the first of some paths of the workspace (with `/`) that a glob matches, -1 where none does. A glob that
 * does not begin at the root may match in any folder. One that is none, or takes too long, matches nothing from then on.
 */
export function finderOf(globs: readonly string[]): (paths: readonly string[]) => number {
  let filters = globs.filter((glob) => glob.length <= LONGEST).flatMap((glob) => filterOf(glob) ?? [])
  return (paths) => {
    let first = -1
    for (const filter of filters) {
      try {
        const [found] = filter(paths)
        const place = found === undefined ? -1 : paths.indexOf(found)
        if (place >= 0 && (first < 0 || place < first)) first = place
      } catch {
        filters = filters.filter((other) => other !== filter)
      }
    }
    return first
  }
}

function filterOf(glob: string): ReturnType<typeof globFilter> | undefined {
  const rooted = glob.startsWith('/') ? glob.slice(1) : glob.replace(/^\.\//, '')
  const anywhere = glob.startsWith('/') || glob.startsWith('**/') ? rooted : `**/${rooted}`
  try {
    return globFilter(anywhere)
  } catch {
    return undefined
  }
}
