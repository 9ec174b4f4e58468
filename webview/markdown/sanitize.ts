/** The second wall: markdown-it lets no HTML through, and DOMPurify lets nothing else through either. */
import DOMPurify, { type Config } from 'dompurify'
import { MARKUP_TAGS } from '../../src/shared/markup.ts'

const ATTRIBUTES = 'aria-label checked class data-act data-href data-language disabled role start tabindex title type'

/** One object for all calls: DOMPurify reads a new one anew each time. */
const RULES: Config & { IN_PLACE: true } = {
  IN_PLACE: true,
  ALLOWED_TAGS: [...MARKUP_TAGS],
  ALLOWED_ATTR: ATTRIBUTES.split(' '),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

export function toNodes(html: string): ChildNode[] {
  // A document without a window: nothing in it loads or runs, so HTML can be taken apart there before it is clean. A new
  // one each time, because DOMPurify's iterators stay with a document until they are collected and slow its changes.
  const box = document.implementation.createHTMLDocument('').createElement('div')
  box.innerHTML = html
  DOMPurify.sanitize(box, RULES)
  return [...box.childNodes]
}
