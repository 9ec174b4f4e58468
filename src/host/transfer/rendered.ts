/** Markdown as HTML for a page without scripts: like the panel's, with colours in the code and links that can be followed. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import cpp from 'highlight.js/lib/languages/cpp'
import csharp from 'highlight.js/lib/languages/csharp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import MarkdownIt from 'markdown-it'
import { escape, walled } from './wall.ts'

// prettier-ignore
const languages = {
  bash, c, cpp, csharp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml,
}
for (const [name, grammar] of Object.entries(languages)) hljs.registerLanguage(name, grammar)

/** Larger than this stays plain. In characters. */
const TOO_LONG = 100_000

const markdown = new MarkdownIt({ html: false, linkify: true })
const { rules } = markdown.renderer
/** Headings of an answer stand below those of the page. */
const HEADING: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6' }

rules.heading_open = (tokens, index) => `<${HEADING[tokens[index]!.tag] ?? 'h6'}>`
rules.heading_close = (tokens, index) => `</${HEADING[tokens[index]!.tag] ?? 'h6'}>\n`
rules.hr = () => '<hr>\n'
rules.hardbreak = () => '<br>\n'
rules.fence = (tokens, index) => {
  const token = tokens[index]!
  return codeBlock(token.content, token.info.trim().split(/\s+/)[0] ?? '')
}
rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content, '')
rules.link_open = (tokens, index) => linkStart(String(tokens[index]!.attrGet('href') ?? ''))
rules.link_close = () => '</a>'
// Pictures of elsewhere are never loaded: whoever they are from would learn who reads.
rules.image = (tokens, index) => {
  const token = tokens[index]!
  const address = String(token.attrGet('src') ?? '')
  return `${linkStart(address)}${escape(token.content || address)}</a>`
}
rules.table_open = () => '<div class="table"><table>\n'
rules.table_close = () => '</table></div>\n'
rules.th_open = rules.td_open = (tokens, index) => {
  const token = tokens[index]!
  const align = /text-align:(center|right)/.exec(String(token.attrGet('style') ?? ''))?.[1]
  return align ? `<${token.tag} class="${align}">` : `<${token.tag}>`
}

function linkStart(address: string): string {
  const safe = escape(address)
  return `<a href="${safe}" title="${safe}" rel="noopener noreferrer">`
}

/** As HTML that is safe to stand in any page. */
export function rendered(source: string): string {
  return walled(markdown.render(source))
}

/** `language`: as the model wrote it; may be empty. */
export function codeBlock(code: string, language: string): string {
  const name = language ? `<div class="language">${escape(language)}</div>` : ''
  return `<div class="code">${name}<pre><code>${coloured(code.replace(/\n$/, ''), language)}</code></pre></div>\n`
}

function coloured(code: string, language: string): string {
  if (code.length > TOO_LONG || !hljs.getLanguage(language)) return escape(code)
  return hljs.highlight(code, { language, ignoreIllegals: true }).value
}
