/** Agents and instructions as a host tells of them. */
import type { AgentView, UsedInstructions } from '../../../src/shared/agent.ts'

const workspace = (name: string, more: Partial<AgentView> = {}): AgentView => ({
  id: `workspace:${name}`,
  name,
  place: 'workspace',
  path: `.github/agents/${name}.agent.md`,
  uri: `file:///project/.github/agents/${name}.agent.md`,
  models: [],
  problems: [],
  ...more,
})

export const agents = (): AgentView[] => [
  workspace('reviewer', {
    name: 'Strict Reviewer',
    description: 'Reads a change and says what is wrong with it, without touching a file',
    models: ['Claude Opus 4.5', 'openai/gpt-5'],
    tools: ['read', 'search'],
    thinking: 'high',
    budget: 0.5,
    keyProfile: 'team',
  }),
  workspace('planner', { description: 'Plans before anything is written', hint: 'What shall be planned?' }),
  workspace('broken', { problems: [{ line: 2, message: '“model” has to be a text or a list of texts.' }] }),
  {
    ...workspace('writer'),
    id: 'user:writer',
    place: 'user',
    path: 'writer.agent.md',
    description: 'Turns notes into prose',
    models: ['gpt-9'],
    warning: 'None of its models can be used now: the model of the chat is asked.',
  },
]

export const instructions = (): UsedInstructions[] => [
  { path: '.github/copilot-instructions.md', uri: 'file:///project/.github/copilot-instructions.md', tokens: 420 },
  { path: 'AGENTS.md', uri: 'file:///project/AGENTS.md', tokens: 10_000, cut: true },
  {
    path: '.github/instructions/frontend/accessibility-of-everything.instructions.md',
    uri: 'file:///project/.github/instructions/frontend/accessibility-of-everything.instructions.md',
    tokens: 96,
  },
]
