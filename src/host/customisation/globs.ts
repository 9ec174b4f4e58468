/** Which files the instructions of a file are for: `applyTo`, as VS Code reads it. */
import picomatch from 'picomatch'

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

/** Matches paths of the workspace, with `/`. A glob that does not begin at the root may match in any folder. */
export function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs
    .filter((glob) => glob.length <= LONGEST)
    .map((glob) => {
      const rooted = glob.startsWith('/') ? glob.slice(1) : glob.replace(/^\.\//, '')
      const anywhere = glob.startsWith('/') || glob.startsWith('**/') ? rooted : `**/${rooted}`
      return picomatch(anywhere, { dot: true, noextglob: true })
    })
  return (path) => matchers.some((matches) => matches(path))
}
