/** What searches leave out: `.git`, what `files.exclude` hides, and what the `.gitignore` files say. */
import type { Ignore } from 'ignore'
import ignore from 'ignore'
import picomatch from 'picomatch'

/** Rules of `.gitignore` files, each with the folder it stands in. Made anew at each folder that has one. */
export class IgnoreRules {
  readonly #files: readonly { folder: string; rules: Ignore }[]

  constructor(files: readonly { folder: string; rules: Ignore }[] = []) {
    this.#files = files
  }

  with(folder: string, text: string): IgnoreRules {
    return new IgnoreRules([...this.#files, { folder, rules: ignore({ ignorecase: false }).add(text) }])
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

/** `**` crosses folders, `*` does not; names that begin with a dot count like others. */
export function globMatcher(glob: string): (path: string) => boolean {
  return picomatch(glob.replace(/^\.?\//, ''), { dot: true, nocase: false })
}

/** Whether `files.exclude` hides a path: a glob without `**` counts from the root, and a hidden folder hides all in it. */
export function excludeMatcher(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.map((glob) => globMatcher(glob))
  return (path) => matchers.some((matches) => matches(path))
}
