/**
 * A message, or a whole conversation, as Markdown that other programs read: calls of tools folded as `<details>`,
 * attachments by their name. Pure: the same for the clipboard and for a file.
 */
import { factWords, sectionsOf } from './transcript.ts'
import type { Section, Step, ToolCallView, ToolResultView } from './transcript.ts'
import type { BlockView, MessageView } from './view.ts'

type FileView = Extract<BlockView, { type: 'file' }>

/** `title` as a heading, then each question and answer under its own. `branch`: oldest first; stored messages will do. */
export function conversationMarkdown(title: string, branch: readonly MessageView[]): string {
  const parts = [`# ${oneLine(title) || 'Chat'}`, ...sectionsOf(branch).map(sectionMarkdown)]
  return `${parts.join('\n\n')}\n`
}

/** What is in one message, without a heading. A stored message will do. */
export function messageMarkdown(stored: MessageView): string {
  const { message } = stored
  return message.role === 'assistant' ? stepMarkdown(sectionStep(stored)) : blocksMarkdown(message.content, new Map())
}

function sectionStep(stored: MessageView): Step {
  const section = sectionsOf([stored])[0]
  return section?.role === 'assistant' && section.steps[0] ? section.steps[0] : { message: stored, results: new Map() }
}

function sectionMarkdown(section: Section): string {
  if (section.role === 'user') return `## You\n\n${messageMarkdown(section.message)}`.trimEnd()
  const facts = [oneLine(section.provider), ...factWords(section.facts)].join(' · ')
  const body = section.steps.map(stepMarkdown).filter(Boolean).join('\n\n')
  return `## ${oneLine(section.model)}\n\n*${facts}*\n\n${body}`.trimEnd()
}

function stepMarkdown({ message: { message }, results }: Step): string {
  const body = blocksMarkdown(message.content, results)
  const end = message.role === 'assistant' ? endOf(message.stop) : ''
  return [body, end].filter(Boolean).join('\n\n')
}

type Stop = Extract<MessageView['message'], { role: 'assistant' }>['stop']

/** Said only where the answer is not what was asked for. */
function endOf(stop: Stop): string {
  if (stop.kind === 'failed') return `> ${oneLine(stop.failure.message)}`
  if (stop.kind === 'aborted') return '> Stopped.'
  if (stop.kind === 'refused') return `> ${oneLine(stop.why ?? 'The model refused to answer.')}`
  return stop.kind === 'limit' ? '> The answer ended at its limit.' : ''
}

function blocksMarkdown(content: readonly BlockView[], results: ReadonlyMap<string, ToolResultView>): string {
  const called = new Set(content.filter((block) => block.type === 'tool-call').map(({ id }) => id))
  const parts = content.map((block) => {
    switch (block.type) {
      case 'text':
        return closed(block.text.trim())
      case 'thinking':
        return block.text.trim() ? details('Thinking', contained(block.text)) : ''
      case 'file':
        return `📎 ${fileName(block)}`
      case 'tool-call':
        return callMarkdown(block, results.get(block.id))
      case 'tool-result':
        return called.has(block.callId) ? '' : details(`Result of ${block.name}`, outputOf(block))
      case 'other':
        return `*(${oneLine(block.kind)})*`
    }
  })
  return parts.filter(Boolean).join('\n\n')
}

function callMarkdown(call: ToolCallView, result: ToolResultView | undefined): string {
  const parts = call.json.trim() ? [fenced(call.json.trim(), 'json')] : []
  const output = result ? outputOf(result) : call.output ? partsOf(call.output) : ''
  if (output) parts.push(output)
  return details(`${call.name}${result?.failed ? ' (failed)' : ''}`, parts.join('\n\n'))
}

const outputOf = ({ output }: ToolResultView): string => partsOf(output)

function partsOf(parts: ToolResultView['output']): string {
  const shown = parts.map((part) => (part.type === 'text' ? fenced(part.text, '') : `📎 ${fileName(part)}`))
  return shown.filter(Boolean).join('\n\n')
}

/** Name and kind of an attachment, without anything of its content. */
function fileName({ name, media }: FileView): string {
  const known = name ?? (media.url !== undefined && !media.url.startsWith('data:') ? media.url : undefined)
  return known === undefined ? code(media.mediaType) : `${code(known)} (${media.mediaType})`
}

/** Text and summary lines in `<details>` need blank lines around them, or they are taken for HTML. */
function details(summary: string, body: string): string {
  const head = `<details>\n<summary>${html(oneLine(summary))}</summary>`
  return body ? `${head}\n\n${body}\n\n</details>` : `${head}\n\n</details>`
}

/** Prose inside of `<details>` must not end it. */
const contained = (text: string): string => closed(text.trim()).replace(/<(?=\/?(?:details|summary))/gi, '&lt;')

function fenced(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`
}

function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1)
  const gap = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
  return `${ticks}${gap}${oneLine(text)}${gap}${ticks}`
}

function longestRun(text: string): number {
  return [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0)
}

/** A fence that was cut off would swallow everything after it. */
function closed(text: string): string {
  let open: string | undefined
  for (const line of text.split('\n')) {
    const [, run, info] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (run === undefined) continue
    if (open === undefined) {
      if (run[0] === '~' || !info?.includes('`')) open = run
    } else if (run[0] === open[0] && run.length >= open.length && info?.trim() === '') open = undefined
  }
  return open === undefined ? text : `${text}\n${open}`
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const html = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
