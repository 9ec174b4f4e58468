/** The second wall: markdown-it lets no HTML through, and DOMPurify lets nothing else through either. */
import DOMPurify from 'dompurify'

const TAGS =
  'a blockquote br button code del div em h3 h4 h5 h6 hr input li ol p pre s span strong table tbody td th thead tr ul'
const ATTRIBUTES = 'aria-label checked class data-act data-href data-language disabled role start tabindex title type'

export function toNodes(html: string): ChildNode[] {
  const fragment = DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: TAGS.split(' '),
    ALLOWED_ATTR: ATTRIBUTES.split(' '),
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  })
  return [...fragment.childNodes]
}
