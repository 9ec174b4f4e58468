/**
 * What the model is told before everything else: the person's system prompt, the agent, and the instructions of the
 * workspace, each with its file named. The order is such that what comes up later stands at the end: the beginning stays
 * as it was, and a provider's cache finds it again.
 */
import type { Agent, UsedInstructions } from '../../shared/agent.ts'
import type { Message } from '../../shared/message.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import type { InstructionFile } from './instruction-file.ts'
import { filesOf } from './mentions.ts'

export type SystemPrompt = { text: string; instructions: UsedInstructions[] }

export type SystemParts = {
  /** The person's own setting. */
  own: string
  agent?: Pick<Agent, 'name' | 'prompt'> | undefined
  instructions: readonly InstructionFile[]
  messages: readonly Message[]
  /** Whether the model can read the files of instructions that may become needed. */
  canRead: boolean
}

/** The most of one file, and of all, in UTF-16 units. */
export const MOST_OF_ONE = 40_000
export const MOST_OF_ALL = 120_000

export function systemFor({ own, agent, instructions, messages, canRead }: SystemParts): SystemPrompt {
  const paths = filesOf(messages)
  const always = instructions.filter((file) => file.always)
  const used: UsedInstructions[] = []
  let room = MOST_OF_ALL
  const quote = (file: InstructionFile): string => {
    if (room <= 0) {
      const isFirst = !used.some(({ tokens }) => tokens === 0)
      used.push({ path: file.path, uri: file.uri, tokens: 0, cut: true })
      return isFirst ? '[Further instructions are left out: together they are too long.]' : ''
    }
    const { text, cut } = cutTo(file.text, Math.min(MOST_OF_ONE, room))
    room -= text.length
    used.push({ path: file.path, uri: file.uri, tokens: estimateTokens(text), ...(cut && { cut: true as const }) })
    return quoted('instructions', { file: file.path, ...(file.globs && { for: file.globs.join(', ') }) }, text, cut)
  }
  const blocks = [own.trim(), agent && agentBlock(agent)]
  blocks.push(...always.map(quote))
  blocks.push(canRead ? catalogue(instructions) : '')
  blocks.push(...matching(instructions, paths).map(quote))
  return { text: blocks.filter(Boolean).join('\n\n'), instructions: used }
}

function agentBlock({ name, prompt }: Pick<Agent, 'name' | 'prompt'>): string {
  if (prompt === '') return ''
  const { text, cut } = cutTo(prompt, MOST_OF_ALL)
  return quoted('agent', { name }, text, cut)
}

/** In the order the files they are for came up, which later messages do not change. */
function matching(instructions: readonly InstructionFile[], paths: readonly string[]): InstructionFile[] {
  return instructions
    .filter((file) => !file.always && file.globs)
    .map((file) => ({ file, at: file.firstOf(paths) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at)
    .map(({ file }) => file)
}

/** What the model may have to read before it works on some files. The same in every request. */
function catalogue(instructions: readonly InstructionFile[]): string {
  const some = instructions.filter(({ always, place, globs }) => !always && globs && place === 'workspace')
  if (some.length === 0) return ''
  const lines = some.map(({ path, globs = [], description }) => {
    const about = description === undefined ? '' : `: ${oneLine(description)}`
    return `- ${path}, for ${globs.map((glob) => `\`${glob}\``).join(', ')}${about}`
  })
  return [
    'Before you work on files that one of these is for, read it, unless it stands here already:',
    ...lines.slice(0, MOST_LISTED),
  ].join('\n')
}

const MOST_LISTED = 100
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 300)

function cutTo(text: string, most: number): { text: string; cut: boolean } {
  const cut = text.length > most
  return { text: cut ? text.slice(0, most).toWellFormed() : text, cut }
}

function quoted(tag: string, attributes: Record<string, string>, text: string, cut: boolean): string {
  const head = Object.entries(attributes).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`)
  const note = cut ? '\n[The rest of this file is left out: it is too long.]' : ''
  return `<${tag}${head.join('')}>\n${text}${note}\n</${tag}>`
}
