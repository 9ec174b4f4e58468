/** A server asks the person something: a form, or a page to be opened. In the panel, where a person sees one. */
import type { ElicitAnswer, ElicitRequest } from '../../mcp/ports.ts'
import type { FormEntries, FormField, FormValue } from '../../shared/form.ts'
import { valueOf } from '../../shared/form.ts'
import { isLoopback } from '../address.ts'
import type { McpDesk } from './desk.ts'
import { fieldsOf } from './fields.ts'
import { fillInBoxes } from './form-boxes.ts'
import type { Questions } from './questions.ts'
import { entryOf } from './questions.ts'

export type ElicitationParts = { desk: Pick<McpDesk, 'boxes' | 'openExternal'>; questions: Questions }

export async function elicit(
  request: ElicitRequest,
  { desk, questions }: ElicitationParts,
  signal: AbortSignal,
): Promise<ElicitAnswer> {
  if (request.mode === 'url') return openPage(request, { desk, questions }, signal)
  const { server, message, schema } = request
  const fields = fieldsOf(schema)
  if (!questions.canAsk) return fillInBoxes(request, fields, desk.boxes, questions.untilLeft(server, signal))
  const answer = await questions.ask(server, { kind: 'form', message, fields }, signal)
  if (answer.action !== 'accept') return { action: answer.action }
  return { action: 'accept', content: contentOf(fields, answer.entries ?? {}) }
}

/** What nobody objects to, as the schema wants it. */
export function contentOf(fields: readonly FormField[], entries: FormEntries): Record<string, FormValue> {
  const values = fields.flatMap((field) => {
    const value = valueOf(field, entryOf(entries, field.name))
    return value === undefined ? [] : [[field.name, value] as const]
  })
  return Object.fromEntries(values)
}

async function openPage(
  { server, message, url }: Extract<ElicitRequest, { mode: 'url' }>,
  { desk, questions }: ElicitationParts,
  signal: AbortSignal,
): Promise<ElicitAnswer> {
  const address = URL.parse(url)
  const safe = address && (address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(url)))
  if (!safe) return { action: 'decline' }
  const { host, href } = address
  const { action } = questions.canAsk
    ? await questions.ask(server, { kind: 'page', message, host, address: href }, signal)
    : await askInDialog(server, `${message}\n\nThe page is at ${host}:\n${href}`, desk.boxes)
  if (action !== 'accept') return { action }
  return (await desk.openExternal(href)) ? { action } : { action: 'decline' }
}

async function askInDialog(
  server: string,
  detail: string,
  boxes: McpDesk['boxes'],
): Promise<{ action: ElicitAnswer['action'] }> {
  const question = `The MCP server ${server} asks you to open a page.`
  const answer = await boxes.choose(question, detail, ['Open', 'Decline'], 'Cancel')
  return { action: answer === undefined ? 'cancel' : answer === 'Open' ? 'accept' : 'decline' }
}
