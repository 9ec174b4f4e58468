/** What a validator finds wrong with arguments, as short sentences for the model that wrote them. */
import type { ErrorObject } from 'ajv'

const MOST = 6

export function problemsOf(errors: readonly ErrorObject[]): string[] {
  const told = errors.filter((error) => !isBranch(error, errors) && error.keyword !== 'if')
  const sentences = [...new Set(told.map(sentenceOf))]
  const more = sentences.length - MOST
  return more > 0 ? [...sentences.slice(0, MOST), `There are ${more} more problems like these.`] : sentences
}

/** What each of several allowed forms says for itself: the sentence about all of them is enough. */
function isBranch({ schemaPath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some((other) => /^(anyOf|oneOf)$/.test(other.keyword) && schemaPath.startsWith(`${other.schemaPath}/`))
}

function sentenceOf({ keyword, instancePath, params, message }: ErrorObject): string {
  const given = params as Record<string, unknown>
  const place = placeOf(instancePath)
  const what = place === '' ? 'The arguments' : `\`${place}\``
  const inside = (name: unknown): string => `\`${place === '' ? '' : `${place}.`}${cut(String(name))}\``
  switch (keyword) {
    case 'required':
      return `${inside(given.missingProperty)} is missing.`
    case 'additionalProperties':
      return `${inside(given.additionalProperty)} is not known.`
    case 'unevaluatedProperties':
      return `${inside(given.unevaluatedProperty)} is not known.`
    case 'type':
      return `${what} must be ${typeWords(given.type)}.`
    case 'enum':
      return `${what} must be one of ${listOf(given.allowedValues)}.`
    case 'const':
      return `${what} must be ${cut(JSON.stringify(given.allowedValue))}.`
    case 'anyOf':
    case 'oneOf':
      return `${what} fits ${keyword === 'oneOf' && given.passingSchemas ? 'more than one' : 'none'} of the allowed forms.`
    case 'pattern':
      return `${what} must match the pattern ${cut(String(given.pattern))}.`
    case 'false schema':
      return `${what} is not allowed.`
    default:
      return `${what} ${cut(message ?? 'is not valid')}.`
  }
}

/** `/edits/0/path` as `edits[0].path`. */
function placeOf(pointer: string): string {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return cut(steps.map((step, at) => (/^\d+$/.test(step) ? `[${step}]` : at === 0 ? step : `.${step}`)).join(''))
}

const ARTICLES: Record<string, string> = {
  array: 'an array',
  integer: 'a whole number',
  object: 'an object',
  null: 'null',
}

function typeWords(type: unknown): string {
  const types = Array.isArray(type) ? type.map(String) : String(type).split(',')
  return types.map((each) => ARTICLES[each] ?? `a ${each}`).join(' or ')
}

function listOf(values: unknown): string {
  return cut((Array.isArray(values) ? values : [values]).map((value) => JSON.stringify(value)).join(', '))
}

const cut = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
