/** Agents and instructions: which there are, which the conversation has, and their files. */
import type { AgentId, AgentInUse, AgentView, UsedInstructions } from '../agent.ts'
import type { Empty } from './empty.ts'

/** `problems`: what could not be read, in sentences. `untrusted`: those of the workspace are not looked at. */
export type AgentChoices = { agents: AgentView[]; inUse?: AgentInUse; problems: string[]; untrusted?: true }

export type AgentRequests = {
  agents: [Empty, AgentChoices]
  /** Null: none, also where the settings name one. What was chosen beside another agent goes. */
  'choose-agent': [{ agent: AgentId | null }, Empty]
  /** Takes one of the next steps that the agent proposes, by its place: with another agent and model, this is to be said. */
  'hand-off': [{ at: number }, { prompt: string; send?: true }]
  /** Writes what was chosen beside the agent in this conversation into its file, which opens and is not saved yet. */
  'keep-in-agent': [Empty, Empty]
  /** Opens a template as text, where the person says. */
  'new-agent': [Empty, Empty]
  /** Shows the files there are, to be opened, and where more are looked for. */
  'configure-agents': [Empty, Empty]
  /** What the next request of this conversation would take along. */
  instructions: [Empty, UsedInstructions[]]
  /** Opens a file of an agent or of instructions, by the URI the host gave. */
  'open-customisation': [{ uri: string }, Empty]
}
