/** The fields of a form that a server asks for: a flat JSON Schema of an object. */
import { oneLine } from '../../mcp/text.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'

export type Choice = { label: string; value: string }

/** `usual`: as it stands in a text box. */
export type Field = { name: string; title: string; description: string; required: boolean } & (
  | { kind: 'text'; usual?: string; shortest: number; longest: number; format?: string }
  | { kind: 'number'; usual?: string; least: number; most: number; whole: boolean }
  | { kind: 'one' | 'many' | 'boolean'; choices: Choice[] }
)

/** More than this nobody fills in. */
const MOST_FIELDS = 30

export function fieldsOf(schema: JsonObject): Field[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
  return properties.slice(0, MOST_FIELDS).map(([name, value]) => {
    const property = isObject(value) ? value : {}
    const title = oneLine(typeof property.title === 'string' ? property.title : name, 80)
    const description = typeof property.description === 'string' ? oneLine(property.description, 300) : ''
    return { name, title, description, required: required.includes(name), ...kindOf(property) }
  })
}

type Kind = Field extends infer Each ? (Each extends Field ? Omit<Each, keyof Common> : never) : never
type Common = { name: string; title: string; description: string; required: boolean }

function kindOf(property: JsonObject): Kind {
  const usual = usualOf(property.default)
  if (property.type === 'boolean')
    return {
      kind: 'boolean',
      choices: [
        { label: 'Yes', value: 'yes' },
        { label: 'No', value: 'no' },
      ],
    }
  if (property.type === 'array')
    return { kind: 'many', choices: choicesOf(isObject(property.items) ? property.items : {}) }
  const choices = choicesOf(property)
  if (choices.length > 0) return { kind: 'one', choices }
  if (property.type === 'number' || property.type === 'integer')
    return {
      kind: 'number',
      ...usual,
      least: numberOr(property.minimum, -Infinity),
      most: numberOr(property.maximum, Infinity),
      whole: property.type === 'integer',
    }
  return {
    kind: 'text',
    ...usual,
    shortest: numberOr(property.minLength, 0),
    longest: numberOr(property.maxLength, Infinity),
    ...(typeof property.format === 'string' && { format: property.format }),
  }
}

function choicesOf({ enum: values, enumNames, oneOf, anyOf }: JsonObject): Choice[] {
  const named = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : []
  const titled = named.flatMap((each) =>
    isObject(each) && typeof each.const === 'string'
      ? [{ label: oneLine(typeof each.title === 'string' ? each.title : each.const, 120), value: each.const }]
      : [],
  )
  if (titled.length > 0 || !Array.isArray(values)) return titled
  const names = Array.isArray(enumNames) ? enumNames : []
  return values.flatMap((value, at) => {
    const name = names[at]
    return typeof value === 'string' ? [{ label: oneLine(typeof name === 'string' ? name : value, 120), value }] : []
  })
}

function usualOf(value: Json | undefined): { usual?: string } {
  return typeof value === 'string' || typeof value === 'number' ? { usual: String(value) } : {}
}

function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

type Typed = Extract<Field, { kind: 'text' | 'number' }>

/** Why this text cannot be sent. */
export function objectionTo(field: Typed, typed: string): string | undefined {
  if (typed === '') return field.required ? 'The server wants an answer.' : undefined
  if (field.kind === 'number') {
    const value = Number(typed)
    if (typed.trim() === '' || !Number.isFinite(value)) return 'Give a number.'
    if (field.whole && !Number.isInteger(value)) return 'Give a whole number.'
    if (value < field.least) return `At least ${field.least}.`
    return value > field.most ? `At most ${field.most}.` : undefined
  }
  if (typed.length < field.shortest) return `At least ${field.shortest} characters.`
  if (typed.length > field.longest) return `At most ${field.longest} characters.`
  if (field.format === 'email' && !/^[^\s@]+@[^\s@]+$/.test(typed)) return 'Give an e-mail address.'
  if (field.format === 'uri' && !URL.canParse(typed))
    return 'Give an address with its scheme, like https://host.example.'
  const isDate = field.format === 'date' || field.format === 'date-time'
  return isDate && Number.isNaN(Date.parse(typed)) ? 'Give a date like 2026-01-31.' : undefined
}

/** Undefined for an answer that was left out. */
export function valueOf(field: Typed, typed: string): string | number | undefined {
  if (typed === '') return undefined
  return field.kind === 'number' ? Number(typed) : typed
}
