/** Why an exact match failed: the likely reasons, best first, each with what to do. */

/** Lines of the file that are shown as the nearest. */
const SHOWN = 12

/** `text` and `wanted` have `\n` for line breaks; `wanted` is not in `text`. */
export function whyNotFound(text: string, wanted: string, earlier: readonly { newText: string }[]): string {
  if (earlier.some(({ newText }) => newText.includes(wanted))) {
    return 'old_text is only in what an earlier edit would write. Edits are looked for in the file as it is now: make one edit of both.'
  }
  const bare = withoutNumbers(wanted)
  if (bare !== undefined && text.includes(bare)) {
    return 'old_text begins its lines with line numbers, which are no part of the file. Leave them out.'
  }
  const straight = plain(wanted)
  if (straight !== wanted && text.includes(straight)) {
    return 'old_text has typographic quotes, dashes or blanks where the file has plain ones. Copy it exactly.'
  }
  const lines = text.split('\n')
  const near = sameButForBlanks(lines, wanted) ?? nearest(lines, wanted)
  if (!near) return 'old_text is not in the file, nor anything like it. Read the file again, it may have changed.'
  const reason = near.exact
    ? 'old_text differs from the file in blanks or indentation.'
    : 'old_text is not in the file. The nearest lines are not the same.'
  const shown = lines.slice(near.line, near.line + Math.min(near.count, SHOWN)).join('\n')
  const cut = near.count > SHOWN ? `\n(${near.count - SHOWN} more lines)` : ''
  return `${reason} Lines ${near.line + 1} to ${near.line + near.count} of the file are:\n${clipped(shown)}${cut}`
}

type Near = { line: number; count: number; exact: boolean }

function sameButForBlanks(lines: readonly string[], wanted: string): Near | undefined {
  const key = (line: string): string => line.replace(/\s+/g, ' ').trim()
  const keys = lines.map(key)
  const sought = wanted
    .replace(/^\s*\n|\n\s*$/g, '')
    .split('\n')
    .map(key)
  if (sought.every((line) => line === '')) return undefined
  const last = sought.length - 1
  const fits = (at: number): boolean =>
    sought.every((line, index) => {
      const here = keys[at + index] ?? ''
      if (last === 0) return here.includes(line)
      if (index === 0) return here.endsWith(line)
      return index === last ? here.startsWith(line) : here === line
    })
  for (let at = 0; at + last < lines.length; at++) if (fits(at)) return { line: at, count: sought.length, exact: true }
  return undefined
}

/** The stretch that shares the most whole lines with what was wanted. */
function nearest(lines: readonly string[], wanted: string): Near | undefined {
  const sought = wanted.split('\n')
  const known = new Map<string, number[]>()
  sought.forEach((line, index) => {
    const key = line.trim()
    if (key.length > 3) known.set(key, [...(known.get(key) ?? []), index])
  })
  const votes = new Map<number, number>()
  lines.forEach((line, at) => {
    for (const index of known.get(line.trim()) ?? []) {
      const start = Math.max(0, at - index)
      votes.set(start, (votes.get(start) ?? 0) + 1)
    }
  })
  let best: number | undefined
  for (const [start, count] of votes) if (best === undefined || count > votes.get(best)!) best = start
  return best === undefined
    ? undefined
    : { line: best, count: Math.min(sought.length, lines.length - best), exact: false }
}

function withoutNumbers(wanted: string): string | undefined {
  const lines = wanted.replace(/\n$/, '').split('\n')
  if (!lines.every((line) => /^\s*\d+(?:\t|: |\| )/.test(line))) return undefined
  return lines.map((line) => line.replace(/^\s*\d+(?:\t|: |\| )/, '')).join('\n')
}

function plain(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
}

function clipped(text: string): string {
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text
}
