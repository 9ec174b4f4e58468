/** Puts the parts of the webview that are tested alone where a page's tests can reach them. */
import fc from 'fast-check'
import { highlighted } from '../../../webview/markdown/highlight.ts'
import { markdown, outline } from '../../../webview/markdown/parser.ts'
import { MarkdownRenderer } from '../../../webview/markdown/renderer.ts'

/** How much has been given to the parser so far. */
const parsed = { characters: 0 }
for (const parser of [markdown, outline]) {
  const parse = parser.parse.bind(parser)
  parser.parse = (source, env) => {
    parsed.characters += source.length
    return parse(source, env)
  }
}

export const lab = { fc, MarkdownRenderer, highlighted, parsed }
export type Lab = typeof lab

declare global {
  interface Window {
    lab: Lab
  }
}

window.lab = lab
