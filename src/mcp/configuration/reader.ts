/** Takes fields out of JSON that people wrote, and remembers the first that is not what it should be. */
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'

export class Reader {
  /** The first thing that is wrong, as it goes after a colon. */
  problem: string | undefined

  fail(problem: string): undefined {
    this.problem ??= problem
    return undefined
  }

  text(from: JsonObject, field: string): string | undefined {
    const value = from[field]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string' && !value.includes('\0')) return value
    return this.fail(`its “${field}” is no text`)
  }

  /** Texts, with numbers taken as they are written; none where the field is absent. */
  list(from: JsonObject, field: string): string[] | undefined {
    const value = from[field] ?? []
    if (!Array.isArray(value)) return this.fail(`its “${field}” is no list`)
    const texts = value.map((each) => (typeof each === 'number' ? String(each) : each))
    if (texts.every((each) => typeof each === 'string' && !each.includes('\0'))) return texts as string[]
    return this.fail(`its “${field}” holds more than texts`)
  }

  texts(from: JsonObject, field: string): Record<string, string> | undefined
  texts(from: JsonObject, field: string, orNull: true): Record<string, string | null> | undefined
  texts(from: JsonObject, field: string, orNull = false): Record<string, string | null> | undefined {
    const value = from[field] ?? {}
    if (!isObject(value)) return this.fail(`its “${field}” is no JSON object`)
    const pairs = Object.entries(value).map(([name, each]): [string, string | null | undefined] => {
      if (typeof each === 'number' || typeof each === 'boolean') return [name, String(each)]
      if (typeof each === 'string' && !each.includes('\0') && !name.includes('\0')) return [name, each]
      return [name, each === null && orNull ? null : undefined]
    })
    const wrong = pairs.find(([, each]) => each === undefined)
    if (wrong) return this.fail(`in its “${field}” the value of ${wrong[0].slice(0, 80)} is no text`)
    return Object.fromEntries(pairs) as Record<string, string | null>
  }

  /** A number above zero. */
  number(from: JsonObject, field: string): number | undefined {
    const value = from[field]
    if (value === undefined) return undefined
    // More than a `setTimeout` can wait for is a mistake as well.
    if (typeof value === 'number' && value > 0 && value <= 86_400) return value
    return this.fail(`its “${field}” is no number of seconds from 0 to 86,400`)
  }
}
