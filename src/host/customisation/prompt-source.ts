/** Prompt files as commands of the composer: `/name`, with a form for what is to be filled in. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Taken } from '../../shared/protocol.ts'
import { useAgent, useModel } from '../agent-handlers.ts'
import { switchTools } from '../choosing.ts'
import type { Session } from '../session.ts'
import type { SuggestionSource, Taking } from '../suggest/source.ts'
import type { PromptFile } from './prompt-file.ts'
import { namedTools } from './tool-names.ts'
import type { Customising } from './window.ts'

const SHOW = 'agents'

type Prompts = Pick<Customising, 'all' | 'find' | 'fill' | 'argumentsOf'>

export function promptSource(customising: Prompts): SuggestionSource {
  const find = async (key: string): Promise<PromptFile> => {
    const { prompts } = await customising.all()
    const prompt = prompts.find(({ uri }) => uri === key)
    if (!prompt) throw new Error('This prompt is no longer there.')
    return prompt
  }
  return {
    name: 'prompts',
    trigger: '/',
    async offers() {
      const { prompts } = await customising.all()
      return [
        { key: SHOW, label: '/agents', detail: 'Choose an agent', icon: 'robot', group: 'Commands' },
        ...prompts.map(({ uri, name, description, hint, path, problems }) => ({
          key: uri,
          label: `/${name}`,
          detail: problems[0]?.message ?? description ?? hint ?? path,
          icon: problems.length > 0 ? 'warning' : 'notebook',
          group: 'Prompts',
          search: description ?? '',
        })),
      ]
    },
    async take(key, taking) {
      if (key === SHOW) {
        panelOf(taking).push({ type: 'show', what: 'agents' })
        return { kind: 'done' }
      }
      // The panel may show another one by the time the files are read.
      const { conversation } = panelOf(taking)
      return takePrompt(await find(key), conversation, taking, customising)
    },
  }
}

/** Whoever asks is a panel. */
const panelOf = ({ session }: Taking): Session => session as Session

async function takePrompt(
  prompt: PromptFile,
  conversation: ConversationId,
  taking: Taking,
  customising: Prompts,
): Promise<Taken> {
  const { draft, values } = taking
  const { inputs: typed, extra } = await customising.argumentsOf(prompt, draft)
  const open = prompt.inputs.filter(({ name }) => typed[name] === undefined)
  if (open.length > 0 && !values) {
    const fields = open.map(({ name, placeholder }) => ({
      name,
      required: false,
      ...(placeholder !== undefined && { description: placeholder }),
    }))
    const about = prompt.description !== undefined && { description: prompt.description }
    return { kind: 'form', title: `/${prompt.name}`, ...about, fields }
  }
  await apply(prompt, panelOf(taking), conversation, customising)
  return { kind: 'message', text: await customising.fill(prompt, { ...typed, ...values }, extra), files: [] }
}

/** What the header says of agent, model and tools becomes the conversation's own choice, where it can be seen and changed. */
async function apply(
  { agent: name, models, tools }: PromptFile,
  session: Session,
  conversation: ConversationId,
  customising: Prompts,
): Promise<void> {
  const agent = name === undefined ? undefined : await customising.find(name)
  if (agent) await useAgent(session, conversation, agent.id)
  await useModel(session, conversation, models)
  if (tools) {
    const all = await session.services.tools.all()
    const on = new Set(namedTools(all, tools))
    const off = session.services.store().conversations.get(conversation)?.choice?.toolsOff ?? []
    const others = all.filter((tool) => !on.has(tool)).map((tool) => tool.name)
    // Without a model that can answer nobody is told of tools.
    await switchTools(session, conversation, [...off, ...others]).catch(() => undefined)
  }
  await session.told()
}
