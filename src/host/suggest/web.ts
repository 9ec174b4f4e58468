/** `@https://…`: a page of the web, by the tool that models use as well: no private address, and not before a yes. */
import type { Part } from '../../shared/message.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import { fetchUrl } from '../../tools/built-in/web/fetch-url.ts'
import type { ContextDesk } from '../context/desk.ts'
import { asContext, filesTaken } from '../context/item.ts'
import type { SuggestionSource } from './source.ts'

const LONGEST_MS = 45_000

export function webSource(desk: ContextDesk): SuggestionSource {
  const tool = fetchUrl(desk.ports().net)
  return {
    name: 'url',
    trigger: '@',
    async offers(query) {
      const url = /^https?:\/\/[^/]/i.test(query) ? URL.parse(query) : null
      if (!url) return []
      return [{ key: url.href, label: url.href, detail: 'Fetch this page', icon: 'globe', group: 'Web', score: 1 }]
    },
    async take(key) {
      const signal = AbortSignal.timeout(LONGEST_MS)
      const preview = await tool.preview?.({ url: key }, { signal })
      const url = preview?.kind === 'address' ? preview.url : key
      const where = 'The page goes into your message, and its address to the server alone.'
      if (!(await desk.confirm(`Fetch ${url}?`, where, 'Fetch'))) return { kind: 'left' }
      const context = { signal, callId: '', conversation: '', onOutput: () => undefined, onProgress: () => undefined }
      const { output, failed } = await tool.run({ url }, context)
      const [part] = output
      if (failed || !part) throw new Error(part?.type === 'text' ? part.text : `${url} gave nothing.`)
      return filesTaken(asFile(url, part))
    },
  }
}

function asFile(url: string, part: Part): ReadFile {
  const { hostname, pathname } = new URL(url)
  if (part.type === 'text') {
    return asContext(url, part.text, {
      label: hostname + pathname.replace(/\/$/, ''),
      icon: 'globe',
      ref: `@url:${url}`,
    })
  }
  return { name: part.name ?? hostname, data: part.media.data ?? '' }
}
