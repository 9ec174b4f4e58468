/**
 * markdown-it with HTML off, and what the panel changes of its output: no white space between blocks, every paragraph
 * of a list item is a `<p>` (tight or loose is a class of the list, so that a list can become loose without touching
 * its items), links and images carry their address as data and never as something the browser would follow or load.
 */
import MarkdownIt, { type Token } from 'markdown-it'
import { codeBlock, escape } from './code-block.ts'
import { markLists } from './lists.ts'
import { checkbox, markTasks } from './tasks.ts'

export type References = Record<string, { title: string; href: string }>
export type Env = { references: References }

export const markdown = new MarkdownIt({ html: false, linkify: true })

/** Block structure only: which lines belong to which block. */
export const outline = new MarkdownIt({ html: false })
outline.core.ruler.enableOnly(['normalize', 'block'])

markdown.core.ruler.push('panel', (state) => {
  for (const token of state.tokens) token.hidden = false
  markLists(state.tokens, state.src)
  markTasks(state.tokens)
})

const { rules } = markdown.renderer
/** Headings of an answer stand below the panel's own: a `#` of the model is the third level of the page. */
const HEADING: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6' }

markdown.renderer.renderToken = (tokens, index) => {
  const token = tokens[index]!
  const tag = HEADING[token.tag] ?? token.tag
  if (token.nesting === -1) return `</${tag}>`
  if (tag !== token.tag) token.attrJoin('class', token.tag)
  return `<${tag}${markdown.renderer.renderAttrs(token)}>`
}

rules.fence = (tokens, index) => {
  const token = tokens[index]!
  return codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? '')
}
rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content, '')

rules.link_open = (tokens, index) => linkStart(String(tokens[index]!.attrGet('href') ?? ''), '')
rules.link_close = () => '</a>'
rules.image = (tokens, index) => {
  const token = tokens[index]!
  const address = String(token.attrGet('src') ?? '')
  return `${linkStart(address, 'image')}${escape(token.content || address)}</a>`
}

rules.table_open = () => '<div class="table" tabindex="0" role="group" aria-label="Table"><table>'
rules.table_close = () => '</table></div>'
rules.th_open = rules.td_open = (tokens, index) => {
  const token = tokens[index]!
  const align = /text-align:(\w+)/.exec(String(token.attrGet('style') ?? ''))?.[1]
  return align ? `<${token.tag} class="${align}">` : `<${token.tag}>`
}

rules.paragraph_open = (tokens, index) => {
  const done = (tokens[index]!.meta as { done?: boolean } | null)?.done
  return done === undefined ? '<p>' : `<p>${checkbox(done)}`
}

function linkStart(address: string, kind: string): string {
  const name = kind ? `link ${kind}` : 'link'
  return `<a class="${name}" role="link" tabindex="0" data-href="${escape(address)}" title="${escape(address)}">`
}

/** The tokens of each top-level block, in order. */
export function blocksOf(tokens: Token[]): Token[][] {
  const blocks: Token[][] = []
  for (const token of tokens) {
    if (token.level === 0 && token.nesting >= 0) blocks.push([])
    blocks.at(-1)?.push(token)
  }
  return blocks
}
