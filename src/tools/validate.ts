/**
 * Arguments against a tool's JSON Schema. Loaded on first use: the validator writes code for each schema and is large.
 * Schemas come from servers nobody knows: what they say is checked, and none of it can stop the host.
 */
import { createContext, runInContext } from 'node:vm'
import type { ErrorObject, Options, ValidateFunction } from 'ajv'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '../shared/json.ts'
import { digestOf } from './digest.ts'
import { problemsOf } from './problems.ts'

/** `problems`: short sentences for the model. `broken`: the schema itself is none, so nothing can be said of arguments. */
export type Check = { fits: true } | { fits: false; problems: string[] } | { fits: false; broken: string }

type Compiled = { validate: ValidateFunction } | { broken: string }

const KEPT = 500
const compiled = new Map<string, Compiled>()

/** Whether `input` fits. Never throws. Nothing is filled in or converted: a call gets the arguments the model gave. */
export function check(schema: JsonObject, input: Json): Check {
  const made = compile(schema)
  if ('broken' in made) return { fits: false, broken: made.broken }
  try {
    if (made.validate(input)) return { fits: true }
  } catch (error) {
    return { fits: false, broken: wordsOf(error) }
  }
  return { fits: false, problems: problemsOf((made.validate.errors ?? []) as ErrorObject[]) }
}

function compile(schema: JsonObject): Compiled {
  const key = digestOf(schema)
  const known = compiled.get(key)
  if (known) return known
  const made = compileAnew(schema)
  if (compiled.size >= KEPT) compiled.clear()
  compiled.set(key, made)
  return made
}

/**
 * A schema that does not say its draft is read as the newest, and where that fails as draft 7: what is written without
 * one is mostly simple. Each is compiled by a validator of its own, so that none sees another's `$id`.
 */
function compileAnew(schema: JsonObject): Compiled {
  const { $schema: draft, ...rest } = schema
  const newest = () => new Ajv2020(options)
  const seven = () => new Ajv(options)
  const old = typeof draft === 'string' && /draft-0[3-7]/.test(draft)
  const tries = old ? [seven] : typeof draft === 'string' ? [newest] : [newest, seven]
  let broken = ''
  for (const validator of tries) {
    try {
      const validate = validator().compile(rest)
      if ('$async' in validate) return { broken: 'it is asynchronous' }
      return { validate }
    } catch (error) {
      broken ||= wordsOf(error)
    }
  }
  return { broken }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300)

/** The time a pattern of a schema may take for one string, in milliseconds. */
const PATTERN_MS = 50
const sandbox = createContext(Object.create(null) as object)

type Pattern = { test(text: string): boolean; toString(): string }

/**
 * A pattern that cannot hang the host: some take longer than a life for forty characters. One that is no pattern fits
 * everything, as an unknown format does; one that took too long fits nothing more.
 */
function patternOf(source: string): Pattern {
  const pattern = regExpOf(source)
  // The validator keeps patterns apart by their words.
  const toString = () => `pattern ${source}`
  if (!pattern) return { test: () => true, toString }
  let endless = false
  return {
    toString,
    test(text) {
      if (endless) return false
      const script = `(${pattern.toString()}).test(${JSON.stringify(text)})`
      try {
        return runInContext(script, sandbox, { timeout: PATTERN_MS }) === true
      } catch {
        endless = true
        return false
      }
    },
  }
}

function regExpOf(source: string): RegExp | undefined {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags)
    } catch {
      continue
    }
  }
  return undefined
}

/** The library writes `code` where it writes programs to files, which nobody does here. */
const regExp = Object.assign(patternOf, { code: 'patternOf' })

const options: Options = {
  strict: false,
  allErrors: true,
  validateFormats: false,
  // Numbers, names and values of the schema appear in the sentences, never the arguments themselves.
  verbose: false,
  logger: false,
  code: { regExp },
}
