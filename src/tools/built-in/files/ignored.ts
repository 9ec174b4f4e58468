/** What searches leave out: `.git`, what `files.exclude` hides, and what the `.gitignore` files say. */
import type { Ignore } from 'ignore'
import ignore from 'ignore'
import picomatch from 'picomatch'
import { placesIn } from '../bounded-match.ts'

/** Rules of `.gitignore` files, each with the folder it stands in. Made anew at each folder that has one. */
export class IgnoreRules {
  readonly #files: readonly { folder: string; rules: Ignore }[]

  constructor(files: readonly { folder: string; rules: Ignore }[] = []) {
    this.#files = files
  }

  with(folder: string, text: string): IgnoreRules {
    return new IgnoreRules([...this.#files, { folder, rules: ignore({ ignorecase: false }).add(quick(text)) }])
  }

  /** `path` is relative to the root. The nearest file that has a word on it decides. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { folder, rules } of this.#files.toReversed()) {
      const relative = folder === '' ? path : path.slice(folder.length + 1)
      const { ignored, unignored } = rules.test(isFolder ? `${relative}/` : relative)
      if (ignored || unignored) return ignored
    }
    return false
  }
}

/** Stars in one name, and folders of any depth in one rule. More of them could take for ever to compare. */
const MOST_STARS = 4

/** Without rules that nobody writes but to hold somebody up. */
function quick(text: string): string {
  const isQuick = (rule: string): boolean => {
    const names = rule.split('/')
    const deep = names.filter((name) => name === '**').length
    return rule.length < 1000 && deep <= MOST_STARS && names.every((name) => name.split('*').length - 1 <= MOST_STARS)
  }
  return text.split('\n').filter(isQuick).join('\n')
}

/**
 * Those of `paths` that a model's glob matches. `**` crosses folders, `*` does not; names that begin with a dot count
 * like others. Throws a sentence for the model where the glob is not one, or takes too long.
 */
export function globFilter(glob: string): (paths: readonly string[]) => string[] {
  const expression = picomatch.makeRe(glob.replace(/^\.?\//, ''), { dot: true, noextglob: true })
  return (paths) => {
    const places = placesIn(paths, expression)
    return paths.filter((_, index) => (places[index] ?? -1) >= 0)
  }
}

/** Whether `files.exclude` hides a path relative to the root. A folder that is hidden hides all that is in it. */
export function excludeMatcher(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.map((glob) => picomatch(glob, { dot: true }))
  return (path) => matchers.some((matches) => matches(path))
}
