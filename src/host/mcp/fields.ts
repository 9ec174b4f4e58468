/** The fields of a form that a server asks for: a flat JSON Schema of an object. */
import { oneLine, visible } from '../../mcp/text.ts'
import type { FormChoice, FormField, TextFormat } from '../../shared/form.ts'
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'

/** More than this nobody fills in. */
const MOST_FIELDS = 30
const MOST_CHOICES = 200

export function fieldsOf(schema: JsonObject): FormField[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
  return properties.slice(0, MOST_FIELDS).map(([name, value]) => {
    const property = isObject(value) ? value : {}
    const title = oneLine(typeof property.title === 'string' ? property.title : name, 80)
    const description = typeof property.description === 'string' ? oneLine(property.description, 300) : ''
    return { name, title, description, required: required.includes(name), ...kindOf(property) }
  })
}

type Kind = FormField extends infer Each ? (Each extends FormField ? Omit<Each, keyof Common> : never) : never
type Common = { name: string; title: string; description: string; required: boolean }

function kindOf(property: JsonObject): Kind {
  const { type, default: usual } = property
  if (type === 'boolean') return { kind: 'boolean', ...(typeof usual === 'boolean' && { usual }) }
  if (type === 'array') return several(property)
  const choices = choicesOf(property)
  if (choices.length > 0) {
    const known = choices.find(({ value }) => value === usual)
    return { kind: 'one', choices, ...(known && { usual: known.value }) }
  }
  if (type === 'number' || type === 'integer')
    return {
      kind: 'number',
      ...(typeof usual === 'number' && { usual: String(usual) }),
      ...bounds(property, { minimum: 'least', maximum: 'most' }),
      ...(type === 'integer' && { whole: true as const }),
    }
  return {
    kind: 'text',
    ...(typeof usual === 'string' && { usual: visible(usual) }),
    ...bounds(property, { minLength: 'shortest', maxLength: 'longest' }),
    ...(isFormat(property.format) && { format: property.format }),
  }
}

function several(property: JsonObject): Kind {
  const choices = choicesOf(isObject(property.items) ? property.items : {})
  const usual = Array.isArray(property.default) ? property.default : []
  const known = choices.flatMap(({ value }) => (usual.includes(value) ? [value] : []))
  return {
    kind: 'many',
    choices,
    ...(known.length > 0 && { usual: known }),
    ...bounds(property, { minItems: 'fewest', maxItems: 'most' }),
  }
}

const FORMATS: readonly TextFormat[] = ['email', 'uri', 'date', 'date-time']

function isFormat(format: Json | undefined): format is TextFormat {
  return FORMATS.some((known) => known === format)
}

/** Numbers of the schema by our names for them. */
function bounds<Name extends string>(property: JsonObject, names: Record<string, Name>): Partial<Record<Name, number>> {
  const told = Object.entries(names).flatMap(([theirs, ours]) => {
    const value = property[theirs]
    return typeof value === 'number' ? [[ours, value] as const] : []
  })
  return Object.fromEntries(told) as Partial<Record<Name, number>>
}

function choicesOf({ enum: values, enumNames, oneOf, anyOf }: JsonObject): FormChoice[] {
  const named = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : []
  const titled = named
    .slice(0, MOST_CHOICES)
    .flatMap((each) =>
      isObject(each) && typeof each.const === 'string'
        ? [{ label: oneLine(typeof each.title === 'string' ? each.title : each.const, 120), value: each.const }]
        : [],
    )
  if (titled.length > 0 || !Array.isArray(values)) return distinct(titled)
  const names = Array.isArray(enumNames) ? enumNames : []
  const plain = values.slice(0, MOST_CHOICES).flatMap((value, at) => {
    const name = names[at]
    return typeof value === 'string' ? [{ label: oneLine(typeof name === 'string' ? name : value, 120), value }] : []
  })
  return distinct(plain)
}

/** Each value once, so that a choice is told by it. */
function distinct(choices: FormChoice[]): FormChoice[] {
  return choices.filter(({ value }, at) => choices.findIndex((one) => one.value === value) === at)
}
