/** How a built-in tool is written down. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Preview, Tool, ToolContext, ToolEffect, ToolOutcome } from '../tool.ts'

type Definition<Input> = {
  name: string
  title: string
  description: string
  properties: JsonObject
  required: (keyof Input & string)[]
  effect: ToolEffect
  timeoutMs?: number
  divisible?: true
  describe(input: Input): string
  preview?(input: Input, context: Pick<ToolContext, 'signal'>): Promise<Preview>
  run(input: Input, context: ToolContext): Promise<ToolOutcome>
}

/** A tool of Panelist's own. `Input` is what `properties` and `required` say; calls that do not fit never run. */
export function builtIn<Input extends object>(definition: Definition<Input>): Tool {
  const { name, title, description, properties, required, effect, timeoutMs, divisible, preview } = definition
  return {
    name,
    title,
    description,
    inputSchema: { type: 'object', properties, required, additionalProperties: false },
    source: { kind: 'built-in' },
    effect,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(divisible && { divisible }),
    describe: (input) => line(title, () => (isObject(input) ? definition.describe(input as Input) : title)),
    ...(preview && { preview: (input: Json, context) => preview(input as Input, context) }),
    run: (input, context) => definition.run(input as Input, context),
  }
}

/** Arguments that do not fit the schema are described as well: the title must do for them. */
function line(title: string, describe: () => string): string {
  try {
    const text = describe().replace(/\s+/g, ' ').trim().toWellFormed()
    return text.length > 200 ? `${text.slice(0, 199).toWellFormed()}…` : text
  } catch {
    return title
  }
}

/** The schema of a path in the workspace. */
export const pathProperty = (what: string): JsonObject => ({
  type: 'string',
  minLength: 1,
  maxLength: 4096,
  description: `${what} Relative to the workspace’s folder, parted by “/”; where several folders are open, it begins with the folder’s name. Example: “src/index.ts”.`,
})

export const integerProperty = (
  description: string,
  limits: { minimum: number; maximum?: number; default?: number },
): JsonObject => ({ type: 'integer', description, ...limits })
