/** The person's own file of prompts: what is in it, and what is wrong with it, in sentences. */
import type { BenchmarkCheck, BenchmarkPrompt } from '../../shared/benchmark.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'

export const MOST = { prompts: 50, name: 60, words: 100_000, checks: 10, file: 1_000_000, outputTokens: 32_000 }
export const USUAL_OUTPUT_TOKENS = 500
/** Of 10. */
const USUAL_SCORE = 7

export type PromptSet = { prompts: BenchmarkPrompt[]; problems: string[] }

/** Never throws. What is wrong is left out, and the rest is used. */
export function promptsIn(text: string): PromptSet {
  if (text.length > MOST.file) return { prompts: [], problems: ['The file of prompts is larger than 1 MB.'] }
  let value: Json
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, '')) as Json
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { prompts: [], problems: [`The file of prompts is no JSON: ${why}.`] }
  }
  const entries = isObject(value) ? value['prompts'] : value
  if (!Array.isArray(entries)) return { prompts: [], problems: ['The file of prompts needs a list named “prompts”.'] }
  const set: PromptSet = { prompts: [], problems: [] }
  if (entries.length > MOST.prompts) set.problems.push(`Only the first ${MOST.prompts} prompts are used.`)
  const names = new Set<string>()
  for (const [at, entry] of entries.slice(0, MOST.prompts).entries()) {
    const read = promptOf(entry)
    const name = isObject(entry) && typeof entry['name'] === 'string' ? ` (“${entry['name'].slice(0, MOST.name)}”)` : ''
    if (typeof read === 'string') set.problems.push(`Prompt ${at + 1}${name} is left out: ${read}.`)
    else if (names.has(read.name)) set.problems.push(`Prompt ${at + 1}${name} is left out: its name is taken.`)
    else {
      names.add(read.name)
      set.prompts.push(read)
    }
  }
  return set
}

const FIELDS = new Set(['name', 'prompt', 'system', 'maxOutputTokens', 'checks'])

/** Or why it is none. */
function promptOf(entry: Json): BenchmarkPrompt | string {
  if (!isObject(entry)) return 'it is no object'
  const unknown = Object.keys(entry).find((field) => !FIELDS.has(field))
  if (unknown !== undefined) return `it has an unknown field “${unknown}”`
  const { name, prompt, system, maxOutputTokens = USUAL_OUTPUT_TOKENS, checks = [] } = entry
  if (typeof name !== 'string' || name.trim() === '') return 'it needs a “name”'
  if (name.length > MOST.name) return `its name is longer than ${MOST.name} characters`
  if (typeof prompt !== 'string' || prompt.trim() === '') return 'it needs a “prompt”'
  if (system !== undefined && typeof system !== 'string') return '“system” must be text'
  if (prompt.length + (system ?? '').length > MOST.words) return 'it is too long'
  if (typeof maxOutputTokens !== 'number' || !Number.isInteger(maxOutputTokens) || maxOutputTokens < 1)
    return '“maxOutputTokens” must be a whole number above 0'
  if (maxOutputTokens > MOST.outputTokens) return `“maxOutputTokens” is above ${MOST.outputTokens}`
  if (!Array.isArray(checks)) return '“checks” must be a list'
  if (checks.length > MOST.checks) return `it has more than ${MOST.checks} checks`
  const read = checks.map(checkOf)
  const wrong = read.findIndex((check) => typeof check === 'string')
  if (wrong >= 0) return `its check ${wrong + 1} ${read[wrong] as string}`
  return {
    name: name.trim(),
    prompt,
    ...(system && { system }),
    maxOutputTokens,
    checks: read as BenchmarkCheck[],
  }
}

const KINDS: Record<string, { others: string[]; read(check: JsonObject): BenchmarkCheck | string }> = {
  contains: {
    others: ['ignoreCase'],
    read({ contains, ignoreCase = false }) {
      if (typeof contains !== 'string' || contains === '') return 'needs text to look for'
      if (typeof ignoreCase !== 'boolean') return 'has an “ignoreCase” that is neither true nor false'
      return { kind: 'contains', text: contains, ...(ignoreCase && { ignoreCase }) }
    },
  },
  regex: {
    others: ['flags'],
    read({ regex, flags }) {
      if (typeof regex !== 'string' || regex === '') return 'needs a pattern'
      if (flags !== undefined && (typeof flags !== 'string' || /[gy]/.test(flags)))
        return 'has flags that cannot be used'
      try {
        new RegExp(regex, flags)
      } catch (error) {
        return `has no valid pattern: ${error instanceof Error ? error.message : String(error)}`
      }
      return { kind: 'regex', pattern: regex, ...(flags && { flags }) }
    },
  },
  jsonSchema: {
    others: [],
    read: ({ jsonSchema }) =>
      isObject(jsonSchema) ? { kind: 'json-schema', schema: jsonSchema } : 'needs a JSON schema',
  },
  command: {
    others: [],
    read({ command }) {
      return typeof command === 'string' && command.trim() !== '' ? { kind: 'command', command } : 'needs a command'
    },
  },
  judge: {
    others: ['atLeast'],
    read({ judge, atLeast = USUAL_SCORE }) {
      if (typeof judge !== 'string' || judge.trim() === '') return 'needs to say what a good answer is'
      if (typeof atLeast !== 'number' || !(atLeast >= 0 && atLeast <= 10)) return 'has an “atLeast” that is not 0 to 10'
      return { kind: 'judge', criteria: judge, atLeast }
    },
  },
}

/** Or what is wrong with it. */
function checkOf(entry: Json): BenchmarkCheck | string {
  if (!isObject(entry)) return 'is no object'
  const [kind, ...more] = Object.keys(KINDS).filter((name) => Object.hasOwn(entry, name))
  const found = kind === undefined ? undefined : KINDS[kind]
  if (!found || more.length > 0) return `must have exactly one of: ${Object.keys(KINDS).join(', ')}`
  const unknown = Object.keys(entry).find((field) => field !== kind && !found.others.includes(field))
  return unknown === undefined ? found.read(entry) : `has an unknown field “${unknown}”`
}
