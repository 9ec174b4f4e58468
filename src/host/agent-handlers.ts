/** Which agent a conversation has, and what instructions go along. */
import type { Agent, AgentId, AgentView } from '../shared/agent.ts'
import { NO_AGENT } from '../shared/agent.ts'
import type { ConversationId } from '../shared/conversation.ts'
import type { AgentRequests } from '../shared/protocol.ts'
import { storedOrNew } from './conversation-row.ts'
import type { Handlers } from './handler.ts'
import type { Session } from './session.ts'

export const agentHandlers: Pick<Handlers, keyof AgentRequests> = {
  async agents(session) {
    const { customising } = session.services
    const { inUse } = await customising.of(session.stored())
    const { agents, problems } = await customising.all()
    const shown = agents.filter(({ hidden, id }) => !hidden || id === inUse?.id)
    return {
      agents: await Promise.all(shown.map((agent) => viewOf(session, agent))),
      problems,
      ...(inUse && { inUse }),
      ...(!customising.trusted && { untrusted: true as const }),
    }
  },

  async 'choose-agent'(session, { agent }) {
    await useAgent(session, session.conversation, agent)
    await session.told()
    return {}
  },

  async 'hand-off'(session, { at }) {
    const { conversation } = session
    const { customising } = session.services
    const { agent } = await customising.of(session.stored())
    const step = agent?.handoffs[at]
    if (!step) throw new Error('This next step is no longer there.')
    const next = await customising.find(step.agent)
    // VS Code's own agents are what a chat is here without one.
    if (!next && !OF_VSCODE.has(step.agent.toLowerCase())) throw new Error(`There is no agent “${step.agent}” here.`)
    await useAgent(session, conversation, next?.id ?? null)
    if (step.model !== undefined) await useModel(session, conversation, [step.model])
    await session.told()
    return { prompt: step.prompt ?? '', ...(step.send && { send: true as const }) }
  },

  async 'keep-in-agent'(session) {
    const { customising } = session.services
    const conversation = session.stored()
    const { agent } = await customising.of(conversation)
    const { provider, model, thinking } = conversation?.choice ?? {}
    if (!agent || provider === undefined || model === undefined) throw new Error('There is nothing to keep.')
    const isOfOne = agent.provider !== undefined
    await customising.write(agent.uri, {
      model: isOfOne ? model : `${provider}/${model}`,
      ...(isOfOne && { 'panelist.provider': provider }),
      ...(thinking && { 'panelist.thinking': thinking }),
    })
    return {}
  },

  async 'new-agent'(session) {
    await session.services.customising.create()
    return {}
  },

  async 'configure-agents'(session) {
    await session.services.customising.configure()
    return {}
  },

  async instructions(session) {
    const { customising, tools } = session.services
    const conversation = session.stored()
    const store = session.services.store()
    // A long conversation is read only where it can make a difference.
    const depends = (await customising.all()).instructions.some(({ always }) => !always)
    const branch = depends && conversation?.leaf ? store.messages.branch(conversation.id, conversation.leaf) : []
    const canRead = (await tools.all()).some(({ name }) => name === 'read_file')
    const messages = branch.map(({ message }) => message)
    return (await customising.systemFor(conversation, messages, canRead)).instructions
  },

  async 'open-customisation'(session, { uri }) {
    await session.services.customising.open(uri)
    return {}
  },
}

const OF_VSCODE = new Set(['agent', 'ask', 'edit', 'plan'])

/**
 * Null: no agent. The panel may show another conversation than this one by the time the files are read. A message that is sent
 * meanwhile waits for it.
 */
export function useAgent(session: Session, conversation: ConversationId, id: AgentId | null): Promise<void> {
  const { customising, answers, store } = session.services
  return answers.sending.run(conversation, async () => {
    const agent = id === null ? undefined : await customising.find(id)
    if (id !== null && !agent) throw new Error('This agent is no longer there.')
    if (agent) await customising.picked(agent)
    storedOrNew(session, conversation)
    // Without a setting that names one, no agent is what every conversation has.
    const none = customising.isNamed ? NO_AGENT : null
    store().conversations.update(conversation, { agent: agent?.id ?? none })
    dropWhatItDecides(session, conversation, agent)
    answers.tell(conversation, { type: 'changed' })
  })
}

/** The first of these that can be used becomes this conversation's own choice. */
export async function useModel(session: Session, conversation: ConversationId, models: string[]): Promise<void> {
  const { chooser, answers, store } = session.services
  const ref = models.length > 0 ? await chooser.modelOf({ models }, true, conversation) : undefined
  if (!ref) return
  store().conversations.setChoice(conversation, { ...storedOrNew(session, conversation).choice, ...ref })
  answers.tell(conversation, { type: 'changed' })
}

/** What a page may see: the prompt is read as text in the editor. */
async function viewOf(session: Session, agent: Agent): Promise<AgentView> {
  const { prompt: _prompt, handoffs: _handoffs, hidden: _hidden, context: _context, ...view } = agent
  const usable =
    agent.models.length === 0 ||
    (await session.services.chooser.modelOf(agent, false, session.conversation)) !== undefined
  const warning = usable ? undefined : 'None of its models can be used now: the model of the chat is asked.'
  return { ...view, ...(warning && { warning }) }
}

/** Who picks an agent wants what its file says. What is changed afterwards is the conversation's own again. */
function dropWhatItDecides(session: Session, id: ConversationId, agent: Agent | undefined): void {
  const store = session.services.store()
  const { choice } = store.conversations.get(id) ?? {}
  if (!choice || !agent) return
  if (agent.models.length > 0 || agent.provider !== undefined) return store.conversations.setChoice(id, undefined)
  const { thinking, maxOutputTokens, keyProfile, ...rest } = choice
  store.conversations.setChoice(id, {
    ...rest,
    ...(agent.thinking === undefined && thinking && { thinking }),
    ...(agent.maxOutputTokens === undefined && maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(agent.keyProfile === undefined && keyProfile !== undefined && { keyProfile }),
  })
}
