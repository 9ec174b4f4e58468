/** HTML as markdown. */
import TurndownService from 'turndown'

/** What is used of an element; the page's library brings no types of its own. */
type Element = {
  nodeName: string
  textContent: string | null
  children: ArrayLike<Element>
  getAttribute(name: string): string | null
  querySelectorAll(selector: string): { length: number }
}

const UNREAD = [
  'script',
  'style',
  'noscript',
  'template',
  'iframe',
  'object',
  'embed',
  'canvas',
  'form',
  'input',
  'button',
  'select',
  'textarea',
]

/** What a person would read of a page. Links are whole addresses; pictures are their descriptions, never loaded. */
export function markdownOf(html: string, base: string): string {
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' })
  service.remove(UNREAD as never[])
  service.remove((node) => node.nodeName.toLowerCase() === 'svg' || node.getAttribute?.('aria-hidden') === 'true')
  service.addRule('picture', {
    filter: 'img',
    replacement: (_, node) => {
      const words = (node as unknown as Element)
        .getAttribute('alt')
        ?.replace(/[\s[\]]+/g, ' ')
        .trim()
      return words ? `[Picture: ${words}]` : ''
    },
  })
  service.addRule('link', {
    filter: (node) => node.nodeName === 'A' && node.getAttribute('href') !== null,
    replacement: (content, node) => {
      const url = URL.parse((node as unknown as Element).getAttribute('href') ?? '', base)
      const words = content.replace(/\s+/g, ' ').trim()
      if (!words || !url || !/^(https?|mailto):$/.test(url.protocol)) return content
      return `[${words}](${url.href.replaceAll('(', '%28').replaceAll(')', '%29')})`
    },
  })
  service.addRule('table', {
    filter: 'tr',
    replacement: (_, row) => {
      const cells = Array.from((row as unknown as Element).children, (cell) =>
        (cell.textContent ?? '').replace(/\s+/g, ' ').trim(),
      )
      const bar = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
      const heads = (row as unknown as Element).querySelectorAll('th').length
      return heads === cells.length && heads > 0 ? `${bar}|${' --- |'.repeat(cells.length)}\n` : bar
    },
  })
  return service.turndown(html)
}
