/** The second wall of an exported page: markdown-it lets no HTML through, and this lets only known tags and attributes. */
import { MARKUP_TAGS } from '../../shared/markup.ts'

const TAGS = new Set(MARKUP_TAGS)
const ATTRIBUTES = new Set(['checked', 'class', 'disabled', 'href', 'rel', 'start', 'title', 'type'])
const TAG = /<(\/?)([a-z][a-z0-9]*)((?: [a-z]+(?:="[^"<>]*")?)*)>|</g
const ATTRIBUTE = /([a-z]+)(?:="([^"<>]*)")?/g
/** As it stands in the text: a scheme that is spelled with entities is none of these. */
const ADDRESS = /^(?:https?:\/\/|mailto:)/

/** What of `html` is not exactly such a tag is text afterwards, so nothing else can come of it. */
export function walled(html: string): string {
  return html.replace(TAG, (_, slash?: string, name?: string, attributes?: string) => {
    if (name === undefined || !TAGS.has(name))
      return `&lt;${name === undefined ? '' : `${slash}${name}${attributes}&gt;`}`
    return slash ? `</${name}>` : `<${name}${kept(attributes ?? '')}>`
  })
}

function kept(attributes: string): string {
  let text = ''
  for (const [whole, name, value] of attributes.matchAll(ATTRIBUTE)) {
    if (ATTRIBUTES.has(name!) && (name !== 'href' || ADDRESS.test(value ?? ''))) text += ` ${whole}`
  }
  return text
}

/** Text as HTML that shows it, also inside of a quoted attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
