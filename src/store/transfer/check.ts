/** Checks that turn what a file holds into values of the model, or say where it is something else. */
import { isObject } from '../../shared/json.ts'
import type { Json } from '../../shared/json.ts'
import { BadFile } from './bad-file.ts'

/** Where in a document one is: names and numbers, outermost first. Pushed and popped, so that what is sound costs nothing. */
export type Path = (string | number)[]

/** Gives a value of its own, made of what it knows alone. Throws `BadFile`. */
export type Check<T> = (value: unknown, path: Path) => T
export type Maybe<T> = Check<T> & { maybe: true }

/** A check for each field of `T`: the compiler sees to it that none is forgotten. */
export type Fields<T> = {
  [Key in keyof T]-?: object extends Pick<T, Key> ? Maybe<Exclude<T[Key], undefined>> : Check<T[Key]>
}

export function wrong(path: Path, wanted: string, value: unknown): BadFile {
  const where = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  return new BadFile(`${where.replace(/^\./, '') || 'It'} should be ${wanted}, but is ${kindOf(value)}.`)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value.length > 40 ? 'a longer text' : `“${value}”`
  return typeof value === 'object' ? 'an object' : String(value)
}

export const text: Check<string> = (value, path) => {
  if (typeof value !== 'string') throw wrong(path, 'text', value)
  return value
}

export const number: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(path, 'a number', value)
  return value
}

/** Epoch milliseconds that a date can be made of, whole. */
export const time: Check<number> = (value, path) => {
  const wanted = 'a time in milliseconds'
  if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 8.64e15)
    throw wrong(path, wanted, value)
  return value
}

/** A count that SQLite can keep. */
export const count: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(path, 'a whole number', value)
  return value
}

export const yes: Check<true> = (value, path) => {
  if (value !== true) throw wrong(path, 'true', value)
  return value
}

export const boolean: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value)
  return value
}

export const json: Check<Json> = (value, path) => {
  if (value === undefined) throw wrong(path, 'a value', value)
  return value as Json
}

export function oneOf<const T extends string>(...words: T[]): Check<T> {
  return (value, path) => {
    const found = words.find((word) => word === value)
    if (found === undefined) throw wrong(path, `one of ${words.join(', ')}`, value)
    return found
  }
}

export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path))
}

/** The field may be absent. */
export function maybe<T>(check: Check<T>): Maybe<T> {
  return Object.assign((value: unknown, path: Path) => check(value, path), { maybe: true as const })
}

export function list<T>(check: Check<T>): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrong(path, 'a list', value)
    return value.map((one, at) => within(path, at, () => check(one, path)))
  }
}

/** What `fields` does not name is left out. */
export function object<T>(fields: Fields<T>): Check<T> {
  const checks = Object.entries(fields) as [string, Check<unknown> & { maybe?: true }][]
  return (value, path) => {
    if (!isObject(value)) throw wrong(path, 'an object', value)
    const made: Record<string, unknown> = {}
    for (const [name, check] of checks) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined
      if (field === undefined && check.maybe) continue
      made[name] = within(path, name, () => check(field, path))
    }
    return made as T
  }
}

/** Objects of several kinds, told apart by the word under `tag`. */
export function union<T>(tag: string, kinds: Readonly<Record<string, Check<T>>>): Check<T> {
  return (value, path) => {
    if (!isObject(value)) throw wrong(path, 'an object', value)
    const kind = Object.hasOwn(value, tag) ? value[tag] : undefined
    const check = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
    if (!check) throw within(path, tag, () => wrong(path, `one of ${Object.keys(kinds).join(', ')}`, kind))
    return check(value, path)
  }
}

function within<T>(path: Path, step: string | number, work: () => T): T {
  path.push(step)
  const result = work()
  path.pop()
  return result
}
