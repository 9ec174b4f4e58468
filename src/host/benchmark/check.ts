/** Checks of an answer that need nobody but this machine. */
import type { BenchmarkCheck, CheckResult } from '../../shared/benchmark.ts'
import type { Json } from '../../shared/json.ts'
import { parseJson } from '../../shared/json.ts'
import { placesIn } from '../../tools/built-in/bounded-match.ts'

/** UTF-16 units of a reason. */
const LONGEST_WHY = 300

type Local = Exclude<BenchmarkCheck, { kind: 'judge' | 'command' }>

/** Never rejects. */
export async function checkAnswer(check: Local, answer: string): Promise<CheckResult> {
  const { kind } = check
  switch (check.kind) {
    case 'contains': {
      const folded = (text: string): string => (check.ignoreCase ? text.toLowerCase() : text)
      return outcome(kind, folded(answer).includes(folded(check.text)), `“${check.text}” is not in it.`)
    }
    case 'regex':
      try {
        const [place] = placesIn([answer], new RegExp(check.pattern, check.flags))
        return outcome(kind, place !== undefined && place >= 0, 'The pattern does not match.')
      } catch (error) {
        return { kind, why: cut(error instanceof Error ? error.message : String(error)) }
      }
    case 'json-schema': {
      const value = jsonIn(answer)
      if (value === undefined) return outcome(kind, false, 'It is no JSON.')
      const { check: fit } = await import('../../tools/validate.ts')
      const fits = fit(check.schema, value)
      if (fits.fits) return { kind, passed: true }
      if ('broken' in fits) return { kind, why: cut(`The schema cannot be used: ${fits.broken}.`) }
      return outcome(kind, false, fits.problems.join(' '))
    }
  }
}

export function outcome(kind: CheckResult['kind'], passed: boolean, why: string): CheckResult {
  return passed ? { kind, passed } : { kind, passed, why: cut(why) }
}

const cut = (text: string): string => text.slice(0, LONGEST_WHY).toWellFormed()

/** The whole answer as JSON, or its one code block. Undefined where it is none. */
export function jsonIn(answer: string): Json | undefined {
  const whole = parseJson(answer.trim())
  if (whole !== undefined) return whole
  const blocks = blocksIn(answer)
  return blocks.length === 1 ? parseJson(blocks[0] ?? '') : undefined
}

/** Line by line: no answer takes longer than its length, also where a model repeated itself to the end. */
function blocksIn(answer: string): string[] {
  const lines = answer.split('\n')
  const blocks: string[] = []
  let open: number | undefined
  for (const [at, line] of lines.entries()) {
    if (open === undefined) {
      if (/^```[\w-]*\s*$/.test(line)) open = at
    } else if (/^```\s*$/.test(line)) {
      blocks.push(lines.slice(open + 1, at).join('\n'))
      open = undefined
    }
  }
  return blocks
}
