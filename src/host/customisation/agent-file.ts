/** An agent's file: what VS Code's custom agents say, and what stands under `panelist` beside it. */
import type { Agent, Handoff } from '../../shared/agent.ts'
import { FieldReader } from './fields.ts'
import { readMarkdown } from './front-matter.ts'

/** The fields of our own, under `panelist`: VS Code has none of that name. */
export const OWN_FIELDS = ['provider', 'thinking', 'max-output-tokens', 'budget', 'key-profile', 'context'] as const
export const THINKING = ['off', 'low', 'medium', 'high'] as const
export const STRATEGIES = ['slide', 'summarise', 'ask'] as const

/** What stands around the text: where the file is. `name`: of the file, without its ending. */
export type AgentSource = Pick<Agent, 'id' | 'name' | 'place' | 'path' | 'uri'>

/** Never throws. A file with problems is an agent too, as far as it can be understood. */
export function parseAgent(text: string, source: AgentSource): Agent {
  const file = readMarkdown(text)
  const reader = new FieldReader(file)
  const own = reader.map('panelist')
  own?.onlyKnows(OWN_FIELDS)
  const description = reader.text('description')
  const hint = reader.text('argument-hint')
  const tools = reader.texts('tools', true)
  const provider = own?.text('provider')
  const thinking = own?.choice('thinking', THINKING)
  const maxOutputTokens = own?.number('max-output-tokens', true)
  const budget = own?.number('budget', false)
  const keyProfile = own?.text('key-profile')
  const context = own?.choice('context', STRATEGIES)
  return {
    ...source,
    name: reader.text('name') ?? source.name,
    prompt: file.body,
    models: reader.texts('model', false) ?? [],
    handoffs: reader.maps('handoffs').flatMap((handoff) => readHandoff(handoff) ?? []),
    ...(description !== undefined && { description }),
    ...(hint !== undefined && { hint }),
    ...(tools !== undefined && { tools }),
    ...(provider !== undefined && { provider }),
    ...(thinking !== undefined && { thinking }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(budget !== undefined && { budget }),
    ...(keyProfile !== undefined && { keyProfile }),
    ...(context !== undefined && { context }),
    ...(isHidden(reader) && { hidden: true as const }),
    problems: file.problems,
  }
}

/** `infer` said both at once before there were two fields. */
function isHidden(reader: FieldReader): boolean {
  const target = reader.text('target')
  const invocable = reader.flag('user-invocable') ?? reader.flag('infer')
  return invocable === false || (target !== undefined && target !== 'vscode')
}

function readHandoff(reader: FieldReader): Handoff | undefined {
  const label = reader.text('label')
  const agent = reader.text('agent')
  const prompt = reader.text('prompt')
  const model = reader.text('model')
  const send = reader.flag('send')
  if (label === undefined || agent === undefined) {
    reader.say('A handoff needs a label and an agent.', 'label')
    return undefined
  }
  return {
    label,
    agent,
    ...(prompt !== undefined && { prompt }),
    ...(model !== undefined && { model }),
    ...(send && { send: true as const }),
  }
}
