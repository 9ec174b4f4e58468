/** `panelist.instructions.files`: which kinds of instructions are read. */
import { isObject } from '../../shared/json.ts'
import type { Kinds } from '../customisation/discover.ts'

/** VS Code reads the same by default. */
export const defaultKinds: Kinds = {
  agents: true,
  nestedAgents: false,
  claude: true,
  copilot: true,
  instructions: true,
}

/** What comes later wins, kind by kind. */
export function readKinds(values: readonly unknown[]): Kinds {
  const kinds = { ...defaultKinds }
  for (const value of values) {
    if (!isObject(value)) continue
    for (const kind of Object.keys(kinds) as (keyof Kinds)[]) {
      const on = value[kind]
      if (typeof on === 'boolean') kinds[kind] = on
    }
  }
  return kinds
}
