/** A form of a server in boxes of the editor, one for each field: where no panel is seen. */
import type { ElicitAnswer, ElicitRequest } from '../../mcp/ports.ts'
import { oneLine } from '../../mcp/text.ts'
import type { FormField, FormValue } from '../../shared/form.ts'
import { objectionTo, valueOf } from '../../shared/form.ts'
import type { McpBoxes, PickBox } from './desk.ts'

export async function fillInBoxes(
  { server, message }: Pick<ElicitRequest, 'server' | 'message'>,
  fields: readonly FormField[],
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<ElicitAnswer> {
  const names = fields.map(({ title }) => title).join(', ')
  const question = `The MCP server ${server} asks you for something.`
  const begin = fields.length > 0 ? 'Answer' : 'Accept'
  const detail = `${message}${names ? `\n\nIt wants: ${names}` : ''}\n\nWhat you give goes to the server. Give no password.`
  const answer = await boxes.choose(question, detail, [begin, 'Decline'], 'Cancel')
  if (answer === undefined || signal.aborted) return { action: 'cancel' }
  if (answer === 'Decline') return { action: 'decline' }
  const content = Object.create(null) as Record<string, FormValue>
  for (const field of fields) {
    const given = await askFor(field, `${server}: ${field.title}`, message, boxes, signal)
    if (given === 'left') return { action: 'cancel' }
    if (given.value !== undefined) content[field.name] = given.value
  }
  return { action: 'accept', content: { ...content } }
}

type Given = 'left' | { value: FormValue | undefined }

async function askFor(
  field: FormField,
  title: string,
  message: string,
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<Given> {
  const prompt = field.description || oneLine(message, 120)
  if (field.kind !== 'text' && field.kind !== 'number')
    return choose(field, { title, placeHolder: prompt }, boxes, signal)
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
  field: Extract<FormField, { kind: 'one' | 'many' | 'boolean' }>,
  box: PickBox,
  boxes: McpBoxes,
  signal: AbortSignal,
): Promise<Given> {
  const none = field.required ? [] : [{ label: 'No answer', value: undefined }]
  if (field.kind === 'boolean') {
    const items = [{ label: 'Yes', value: true }, { label: 'No', value: false }, ...none]
    const picked = await boxes.pick<boolean | undefined>(items, box, signal)
    return picked ? { value: picked.value } : 'left'
  }
  if (field.kind === 'one') {
    const picked = await boxes.pick<string | undefined>([...field.choices, ...none], box, signal)
    return picked ? { value: picked.value } : 'left'
  }
  for (let again = ''; ;) {
    const picked = await boxes.pickMany(field.choices, { ...box, placeHolder: again || box.placeHolder }, signal)
    if (!picked) return 'left'
    const values = picked.map(({ value }) => value)
    again = objectionTo(field, values) ?? ''
    if (!again) return { value: valueOf(field, values) }
  }
}
