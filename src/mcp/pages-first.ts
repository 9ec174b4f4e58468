/** Calls that a server refuses until the person has been to a page of it. */
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js'
import type { Json } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { ToolOutcome } from '../tools/tool.ts'
import { couldNot } from '../tools/tool.ts'
import { McpError } from './errors.ts'
import type { ElicitRequest, McpPorts } from './ports.ts'
import { cutAt, visible } from './text.ts'

/** More of them nobody opens for one call. */
const MOST = 3

/** Asks the person to open the pages that this error names, and says to the model what came of it. Throws any other error. */
export async function pagesFirst(
  error: unknown,
  server: string,
  onElicit: McpPorts['onElicit'],
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const pages = pagesOf(error, server)
  if (pages.length === 0 || !onElicit) throw error
  for (const page of pages) {
    const { action } = await onElicit(page, signal)
    if (action !== 'accept') return couldNot(`${server} wants the user to open a page first, and the user did not.`)
  }
  return couldNot(
    `${server} wanted the user to open a page first, and the user has opened it. Ask whether they are done there, then make the same call again.`,
  )
}

function pagesOf(error: unknown, server: string): ElicitRequest[] {
  const cause = error instanceof McpError ? error.cause : undefined
  const { code, data } = (isObject(cause as Json) ? cause : {}) as { code?: unknown; data?: Json }
  if (code !== ErrorCode.UrlElicitationRequired || !isObject(data) || !Array.isArray(data.elicitations)) return []
  return data.elicitations.slice(0, MOST).flatMap((page): ElicitRequest[] => {
    if (!isObject(page) || typeof page.url !== 'string') return []
    const message = cutAt(visible(typeof page.message === 'string' ? page.message : ''), 4_000)
    const id = typeof page.elicitationId === 'string' ? page.elicitationId : ''
    return [{ server, message, mode: 'url', url: page.url, id }]
  })
}
