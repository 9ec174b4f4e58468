/** What exactly an approval is for, as its page lists it: bounded, and without what looks like a secret. */
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'

/** UTF-16 units. */
const LONGEST = 2_000
/** What stands in the place of a secret. */
export const HIDDEN = '[redacted]'
/** Whatever stands under such a name is a secret, whatever it looks like. */
const SECRET =
  /pass(word|wd|phrase|code)?$|secret|token|credential|cookie|authori[sz]ation|(api|private|access)[-_]?key/i

/** Arguments as they are listed: whoever allows them has seen them whole. */
export function argumentsText(input: Json): string {
  return JSON.stringify(withoutNamed(input), null, 2)
}

/** `redact` takes out what looks like a key. Cut only once it is clean, so that no piece of a key is left at the end. */
export function listed(text: string, redact: (text: string) => string): string {
  const clean = redact(text)
  if (clean.length <= LONGEST) return clean
  return `${clean.slice(0, LONGEST).toWellFormed()}… (${clean.length - LONGEST} more characters)`
}

/** Numbers and the like under such a name are no secrets: a limit of tokens is one. */
function withoutNamed(value: Json, secret = false): Json {
  if (Array.isArray(value)) return value.map((item) => withoutNamed(item, secret))
  if (!isObject(value)) return secret && typeof value === 'string' && value !== '' ? HIDDEN : value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withoutNamed(field, secret || SECRET.test(name))]),
  )
}
