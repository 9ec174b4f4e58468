/** A server asks the person something: a form, a box for each field, or a page to be opened. */
import type { ElicitAnswer, ElicitRequest } from '../../mcp/ports.ts'
import { oneLine } from '../../mcp/text.ts'
import type { JsonObject } from '../../shared/json.ts'
import { isLoopback } from '../address.ts'
import type { McpBoxes, McpDesk, PickBox } from './desk.ts'
import type { Choice, Field } from './fields.ts'
import { fieldsOf, objectionTo, valueOf } from './fields.ts'

type Value = NonNullable<Extract<ElicitAnswer, { action: 'accept' }>['content']>[string]

export async function elicit(
  request: ElicitRequest,
  desk: Pick<McpDesk, 'boxes' | 'openExternal'>,
  signal: AbortSignal,
): Promise<ElicitAnswer> {
  return request.mode === 'url' ? openPage(request, desk) : fillIn(request, request.schema, desk.boxes, signal)
}

async function openPage(
  { server, message, url }: Extract<ElicitRequest, { mode: 'url' }>,
  { boxes, openExternal }: Pick<McpDesk, 'boxes' | 'openExternal'>,
): Promise<ElicitAnswer> {
  const address = URL.parse(url)
  const safe = address && (address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(url)))
  if (!safe) return { action: 'decline' }
  const detail = `${message}\n\nThe page is at ${address.host}:\n${address.href}`
  const answer = await boxes.choose(
    `The MCP server ${server} asks you to open a page.`,
    detail,
    ['Open', 'Decline'],
    'Cancel',
  )
  if (answer === undefined) return { action: 'cancel' }
  return answer === 'Open' && (await openExternal(address.href)) ? { action: 'accept' } : { action: 'decline' }
}

async function fillIn(
  { server, message }: ElicitRequest,
  schema: JsonObject,
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<ElicitAnswer> {
  const fields = fieldsOf(schema)
  const names = fields.map(({ title }) => title).join(', ')
  const question = `The MCP server ${server} asks you for something.`
  const begin = fields.length > 0 ? 'Answer' : 'Accept'
  const detail = `${message}${names ? `\n\nIt wants: ${names}` : ''}\n\nWhat you give goes to the server. Give no password.`
  const answer = await boxes.choose(question, detail, [begin, 'Decline'], 'Cancel')
  if (answer === undefined || signal.aborted) return { action: 'cancel' }
  if (answer === 'Decline') return { action: 'decline' }
  const content: Record<string, Value> = {}
  for (const field of fields) {
    const given = await askFor(field, `${server}: ${field.title}`, message, boxes, signal)
    if (given === 'left') return { action: 'cancel' }
    if (given.value !== undefined) content[field.name] = given.value
  }
  return { action: 'accept', content }
}

async function askFor(
  field: Field,
  title: string,
  message: string,
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<'left' | { value: Value | undefined }> {
  const prompt = field.description || oneLine(message, 120)
  if ('choices' in field) return choose(field, { title, placeHolder: prompt }, boxes, signal)
  const text = await boxes.ask(
    {
      title,
      prompt: field.required ? prompt : `${prompt} (may be left empty)`,
      ...(field.usual !== undefined && { value: field.usual }),
      check: (typed) => objectionTo(field, typed),
    },
    signal,
  )
  return text === undefined ? 'left' : { value: valueOf(field, text) }
}

async function choose(
  field: Extract<Field, { choices: Choice[] }>,
  box: PickBox,
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<'left' | { value: Value | undefined }> {
  const items = field.choices.map(itemOf)
  if (field.kind === 'many') {
    const picked = await boxes.pickMany(items, box, signal)
    if (!picked) return 'left'
    return { value: picked.length > 0 || field.required ? picked.map(({ value }) => value) : undefined }
  }
  const none = field.required ? [] : [{ label: 'No answer', value: undefined }]
  const picked = await boxes.pick<string | undefined>([...items, ...none], box, signal)
  if (!picked) return 'left'
  return { value: field.kind === 'boolean' && picked.value !== undefined ? picked.value === 'yes' : picked.value }
}

const itemOf = ({ label, value }: Choice) => ({ label, value })
