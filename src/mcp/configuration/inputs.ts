/** What definitions leave open for a person to fill in. */
import type { Json } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import { oneLine } from '../text.ts'
import type { McpDefinition, McpInput } from './definition.ts'

/** The inputs of a file that we can ask for. One that runs a command of the editor is none of them. */
export function readInputs(value: Json | undefined): McpInput[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry): McpInput[] => {
    if (!isObject(entry) || typeof entry.id !== 'string') return []
    const description = typeof entry.description === 'string' ? oneLine(entry.description, 300) : ''
    const common = {
      id: entry.id,
      description,
      ...(typeof entry.default === 'string' ? { default: entry.default } : {}),
    }
    if (entry.type === 'promptString') return [{ type: 'text', secret: entry.password === true, ...common }]
    if (entry.type !== 'pickString' || !Array.isArray(entry.options)) return []
    const options = entry.options.map((option) => (isObject(option) ? option.value : option))
    return [{ type: 'pick', options: options.filter((option) => typeof option === 'string'), ...common }]
  })
}

/** The ids of the inputs that a definition uses, each once. */
export function inputsIn(definition: McpDefinition): string[] {
  const texts: string[] = []
  // Values alone: variables in names are not filled in.
  JSON.stringify(definition, (_, value: unknown) => {
    if (typeof value === 'string') texts.push(value)
    return value
  })
  const ids = texts.flatMap((text) => [...text.matchAll(/\$\{input:([^}]*)\}/g)].map(([, id = '']) => id))
  return [...new Set(ids)]
}
