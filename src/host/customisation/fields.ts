/** Fields of a header, read one by one: what does not fit is left out, and a sentence says so at its line. */
import type { FileProblem } from '../../shared/agent.ts'
import { isObject } from '../../shared/json.ts'
import type { Fields, MarkdownFile } from './front-matter.ts'

export class FieldReader {
  readonly problems: FileProblem[]
  readonly #fields: Fields
  readonly #path: string[]
  readonly #lineOf: MarkdownFile['lineOf']

  constructor({ fields, lineOf, problems }: Pick<MarkdownFile, 'fields' | 'lineOf' | 'problems'>, path: string[] = []) {
    this.#fields = fields
    this.#lineOf = lineOf
    this.#path = path
    this.problems = problems
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined
  }

  text(name: string): string | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    if (typeof value === 'string' || typeof value === 'number') return String(value).trim() || undefined
    return this.#wrong(name, 'a text')
  }

  flag(name: string): boolean | undefined {
    const value = this.#value(name)
    if (value === undefined || typeof value === 'boolean') return value
    return this.#wrong(name, 'true or false')
  }

  /** A list of texts, or one text; several in one are parted by commas where `commas` says so. */
  texts(name: string, commas: boolean): string[] | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    const list: unknown[] = typeof value === 'string' ? (commas ? value.split(',') : [value]) : listOf(value)
    const isTexts = (typeof value === 'string' || Array.isArray(value)) && list.every((one) => typeof one === 'string')
    if (!isTexts) return this.#wrong(name, 'a text or a list of texts')
    return [...new Set((list as string[]).map((one) => one.trim()).filter((one) => one !== ''))]
  }

  choice<const Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.#value(name)
    // YAML reads a bare `off` of old as a text, and people write `false` for it.
    const word = value === false && values.includes('off' as Value) ? 'off' : value
    if (word === undefined) return undefined
    return values.find((one) => one === word) ?? this.#wrong(name, `one of: ${values.join(', ')}`)
  }

  /** Above 0. */
  number(name: string, whole: boolean): number | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    const fits = typeof value === 'number' && Number.isFinite(value) && value > 0
    if (fits && (!whole || Number.isSafeInteger(value))) return value
    return this.#wrong(name, whole ? 'a whole number above 0' : 'a number above 0')
  }

  /** Each map of a list. */
  maps(name: string): FieldReader[] {
    const value = this.#value(name)
    if (value === undefined) return []
    if (!Array.isArray(value) || !value.every(isObject)) return this.#wrong(name, 'a list of fields') ?? []
    return value.map((fields) => this.#below(name, fields))
  }

  /** The fields below one. */
  map(name: string): FieldReader | undefined {
    const value = this.#value(name)
    if (value === undefined) return undefined
    if (!isObject(value)) return this.#wrong(name, 'a list of fields')
    return this.#below(name, value)
  }

  /** Says which of the fields nobody knows. */
  onlyKnows(names: readonly string[]): void {
    for (const name of Object.keys(this.#fields)) {
      if (names.includes(name)) continue
      this.say(`There is no field “${this.#called(name)}”. Known are: ${names.join(', ')}.`, name)
    }
  }

  say(message: string, name: string): void {
    const line = this.#lineOf(...this.#path, name)
    this.problems.push({ ...(line !== undefined && { line }), message })
  }

  #below(name: string, fields: Fields): FieldReader {
    return new FieldReader({ fields, lineOf: this.#lineOf, problems: this.problems }, [...this.#path, name])
  }

  #value(name: string): unknown {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined
    return value === null ? undefined : value
  }

  #called(name: string): string {
    return [...this.#path, name].join('.')
  }

  #wrong(name: string, wanted: string): undefined {
    this.say(`“${this.#called(name)}” has to be ${wanted}.`, name)
    return undefined
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])
