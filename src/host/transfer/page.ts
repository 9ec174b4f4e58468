/** A conversation as one page that stands alone: no scripts, nothing loaded from elsewhere, light and dark. */
import { createHash } from 'node:crypto'
import { factWords, moment, sectionsOf, sumOf } from '../../shared/transcript.ts'
import type { Facts, Section, Step, ToolCallView, ToolResultView } from '../../shared/transcript.ts'
import type { BlockView, MessageView } from '../../shared/view.ts'
import { STYLE } from './page-style.ts'
import { codeBlock, rendered } from './rendered.ts'
import { escape } from './wall.ts'

type FileView = Extract<BlockView, { type: 'file' }>
type TextView = Extract<BlockView, { type: 'text' }>

/** `branch`: oldest first. `bytes`: of an attachment by its hash. `now`: epoch milliseconds. */
export type PageOptions = {
  title: string
  branch: readonly MessageView[]
  bytes(hash: string): Uint8Array | undefined
  now: number
}

const PICTURES = /^image\/(?:png|jpeg|webp|gif|avif)$/

/** A piece for each question and answer: pictures stand in the page, and not all of them need to be in memory. */
export function* pagePieces({ title, branch, bytes, now }: PageOptions): Generator<string> {
  const sections = sectionsOf(branch)
  const policy = [
    `default-src 'none'`,
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    'img-src data:',
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  const name = escape(title.replace(/\s+/g, ' ').trim() || 'Chat')
  yield `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Panelist">
<title>${name}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p>${aboutAll(sections, now).map(escape).join('<i> · </i>')}</p>
</header>
<main>
`
  for (const section of sections) yield sectionHtml(section, bytes)
  yield '</main>\n</body>\n</html>\n'
}

function aboutAll(sections: readonly Section[], now: number): string[] {
  const answers = sections.flatMap((section) => (section.role === 'assistant' ? [section] : []))
  const models = [...new Set(answers.map(({ model }) => model))]
  const nothing: Facts = { createdAt: NaN, input: 0, output: 0 }
  const {
    input: _,
    output: __,
    durationMs: ___,
    ...total
  } = answers.reduce((sum, { facts }) => sumOf(sum, facts), nothing)
  const first = sections[0]
  const begun = first?.role === 'user' ? first.message.createdAt : first?.facts.createdAt
  const questions = sections.length - answers.length
  return [
    ...(begun === undefined ? [] : [moment(begun)]),
    `${questions} ${questions === 1 ? 'question' : 'questions'}`,
    ...models.slice(0, 4),
    ...factWords({ ...total, input: 0, output: 0 }).filter(Boolean),
    `exported ${moment(now)}`,
  ]
}

type Bytes = PageOptions['bytes']

function sectionHtml(section: Section, bytes: Bytes): string {
  if (section.role === 'user') {
    const { message, createdAt } = section.message
    const text = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n\n')
    const files = message.content.flatMap((block) => (block.type === 'file' ? [fileHtml(block, bytes)] : []))
    const words = text.trim() ? `<div class="text">${escape(text.trim())}</div>` : ''
    const attached = files.length > 0 ? `<div class="files">${files.join('')}</div>` : ''
    return `<section class="you" aria-label="You">\n<div class="bubble">${attached}${words}</div>\n<footer>${escape(moment(createdAt))}</footer>\n</section>\n`
  }
  const { model, provider, steps, facts } = section
  const body = steps.map((step) => stepHtml(step, bytes)).join('')
  const foot = factWords(facts).map(escape).join('<i> · </i>')
  return `<section class="answer" aria-label="Answer">\n<h2>${escape(model)} <small>${escape(provider)}</small></h2>\n${body}<footer>${foot}</footer>\n</section>\n`
}

function stepHtml({ message: { message }, results }: Step, bytes: Bytes): string {
  const called = new Set(message.content.flatMap((block) => (block.type === 'tool-call' ? [block.id] : [])))
  const blocks = message.content.map((block) => blockHtml(block, results, called, bytes)).join('')
  return message.role === 'assistant' ? `${blocks}${endHtml(message.stop)}` : blocks
}

function blockHtml(
  block: BlockView,
  results: ReadonlyMap<string, ToolResultView>,
  called: ReadonlySet<string>,
  bytes: Bytes,
): string {
  switch (block.type) {
    case 'text':
      return block.text.trim() ? `<div class="markdown">${rendered(block.text)}</div>\n${sources(block)}` : ''
    case 'thinking':
      return block.text.trim()
        ? folded('thinking', 'Thinking', '', `<div class="markdown">${rendered(block.text)}</div>`)
        : ''
    case 'file':
      return `<div class="files">${fileHtml(block, bytes)}</div>\n`
    case 'tool-call':
      return callHtml(block, results.get(block.id), bytes)
    case 'tool-result':
      return called.has(block.callId)
        ? ''
        : folded('tool', `Result of ${block.name}`, '', partsHtml(block.output, bytes))
    case 'other':
      return `<p class="note">${escape(block.kind)}</p>\n`
  }
}

const GLANCE = 80

function callHtml(call: ToolCallView, result: ToolResultView | undefined, bytes: Bytes): string {
  const json = call.json.trim()
  const glance = json
    .replace(/\s+/g, ' ')
    .replace(/^\{\s*|\s*\}$/g, '')
    .replaceAll('"', '')
  const given = result ? partsHtml(result.output, bytes) : call.output ? partsHtml(call.output, bytes) : ''
  const summary = glance.length > GLANCE ? `${glance.slice(0, GLANCE)}…` : glance
  const kind = result?.failed ? 'tool failed' : 'tool'
  return folded(kind, call.name, summary, `${json && json !== '{}' ? codeBlock(pretty(json), 'json') : ''}${given}`)
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return json
  }
}

function partsHtml(parts: ToolResultView['output'], bytes: Bytes): string {
  return parts.map((part) => (part.type === 'text' ? codeBlock(part.text, '') : fileHtml(part, bytes))).join('')
}

function folded(kind: string, name: string, glance: string, body: string): string {
  const more = glance ? ` <span>${escape(glance)}</span>` : ''
  return `<details class="${kind}">\n<summary><b>${escape(name)}</b>${more}</summary>\n<div class="inside">${body}</div>\n</details>\n`
}

/** Pictures as they are, other files by their name. */
function fileHtml({ media, name }: FileView, bytes: Bytes): string {
  const label = name ?? media.mediaType
  const data = PICTURES.test(media.mediaType) ? base64Of(media, bytes) : undefined
  if (data === undefined) return `<span class="file">${escape(label)}</span>`
  return `<img src="data:${media.mediaType};base64,${data}" alt="${escape(label)}">`
}

function base64Of(media: FileView['media'], bytes: Bytes): string | undefined {
  if (media.data !== undefined) return /^[A-Za-z0-9+/]+=*$/.test(media.data) ? media.data : undefined
  const content = media.blob === undefined ? undefined : bytes(media.blob)
  return content && Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64')
}

function sources({ citations = [] }: TextView): string {
  const links = new Map(
    citations.flatMap(({ url, title }) => (url && /^https?:\/\//.test(url) ? [[url, title ?? url] as const] : [])),
  )
  if (links.size === 0) return ''
  const items = [...links].map(
    ([url, title]) =>
      `<li><a href="${escape(url)}" title="${escape(url)}" rel="noopener noreferrer">${escape(title)}</a></li>`,
  )
  return `<ol class="sources" aria-label="Sources">${items.join('')}</ol>\n`
}

type Stop = Extract<MessageView['message'], { role: 'assistant' }>['stop']

/** Said only where the answer is not what was asked for. */
function endHtml(stop: Stop): string {
  const words =
    stop.kind === 'failed'
      ? stop.failure.message
      : stop.kind === 'refused'
        ? (stop.why ?? 'The model refused to answer.')
        : stop.kind === 'aborted'
          ? 'Stopped.'
          : stop.kind === 'limit'
            ? 'The answer ended at its limit.'
            : ''
  return words ? `<p class="note">${escape(words)}</p>\n` : ''
}
