/** Arbitrary answers of the two OpenAI formats, and the event streams in which a provider would send them. */
import fc from 'fast-check'
import type { JsonObject } from '../../src/shared/json.ts'
import { isObject } from '../../src/shared/json.ts'
import { frame } from './scripted-server.ts'

const text = () => fc.string({ unit: 'grapheme', maxLength: 30 })
const word = () => fc.stringMatching(/^[a-z_]{1,12}$/)
const extras = () =>
  fc.dictionary(fc.constantFrom('phase', 'namespace', 'x', 'created_by'), fc.jsonValue({ maxDepth: 2 }))
const status = () => fc.constantFrom('completed', 'incomplete')
const argumentsJson = () =>
  fc
    .dictionary(word(), fc.jsonValue({ maxDepth: 2 }))
    .chain((value) => fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2)))
const base64 = () => fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'))

const annotation = () =>
  fc.oneof(
    fc.record({
      type: fc.constant('url_citation'),
      url: fc.webUrl(),
      title: text(),
      start_index: fc.nat(9),
      end_index: fc.nat(9),
    }),
    fc.record({ type: fc.constant('file_citation'), file_id: word(), filename: word(), index: fc.nat(9) }),
    fc.record({ type: fc.constant('file_path'), file_id: word(), index: fc.nat(9) }),
  )

const part = () =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('output_text'),
        text: text(),
        annotations: fc.array(annotation(), { maxLength: 2 }),
        logprobs: fc.constant([]),
      }),
    },
    fc.record({ type: fc.constant('refusal'), refusal: text() }),
    fc.record({ type: fc.constant('output_hologram'), depth: fc.nat() }),
  )

const summary = () => fc.array(fc.record({ type: fc.constant('summary_text'), text: text() }), { maxLength: 3 })

const message = () =>
  fc.record({
    type: fc.constant('message'),
    role: fc.constant('assistant'),
    status: status(),
    content: fc.array(part(), { maxLength: 3 }),
  })

const item = () =>
  fc.oneof(
    message(),
    fc.record(
      {
        type: fc.constant('reasoning'),
        summary: summary(),
        encrypted_content: fc.option(word()),
        content: fc.array(fc.record({ type: fc.constant('reasoning_text'), text: text() }), { maxLength: 2 }),
      },
      { requiredKeys: ['type', 'summary'] },
    ),
    fc.record({ type: fc.constant('function_call'), name: word(), arguments: argumentsJson(), status: status() }),
    fc.record({
      type: fc.constant('web_search_call'),
      status: status(),
      action: fc.record({ type: fc.constant('search'), query: text() }),
    }),
    fc.record({
      type: fc.constant('code_interpreter_call'),
      code: fc.option(text()),
      container_id: word(),
      outputs: fc.option(fc.array(fc.record({ type: fc.constant('logs'), logs: text() }))),
    }),
    fc.record({
      type: fc.constant('image_generation_call'),
      result: fc.option(base64()),
      output_format: fc.constantFrom('png', 'webp'),
    }),
    fc.record({
      type: fc.constant('mcp_call'),
      name: word(),
      server_label: word(),
      arguments: argumentsJson(),
      output: fc.option(text()),
      error: fc.option(text()),
    }),
    fc.record({
      type: fc.constantFrom('mcp_list_tools', 'shiny_new_item', 'compaction', 'local_shell_call'),
      payload: fc.jsonValue({ maxDepth: 3 }),
    }),
  )

/** The output of a response. It ends in a message, because the API refuses reasoning that leads to nothing. */
export const responseOutput = (): fc.Arbitrary<JsonObject[]> =>
  fc.tuple(fc.array(fc.tuple(item(), extras()), { maxLength: 6 }), message()).map(([items, last]) => {
    const all = [...items, [last, {}] as const].map(([each, more], at) => ({
      ...more,
      id: `item_${at}`,
      ...(each.type === 'function_call' && { call_id: `call_${at}` }),
      ...each,
    }))
    return JSON.parse(JSON.stringify(all)) as JsonObject[]
  })

/** The events in which the Responses API sends these items, the texts in pieces of `size` UTF-16 units. */
export function responseEvents(items: readonly JsonObject[], size: number): JsonObject[] {
  const response = {
    object: 'response',
    model: 'gpt-test',
    status: 'completed',
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  return [
    { type: 'response.created', response: { ...response, status: 'in_progress', usage: null } },
    ...items.flatMap((each, at) => itemEvents(each, at, size)),
    { type: 'response.completed', response: { ...response, output: [...items] } },
  ]
}

function itemEvents(item: JsonObject, at: number, size: number): JsonObject[] {
  const about = { output_index: at, item_id: `rotating_${at}` }
  const hidden = { content: [], summary: [], arguments: '', result: null, output: null }
  const young = Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, key in hidden ? hidden[key as keyof typeof hidden] : value]),
  )
  return [
    { type: 'response.output_item.added', ...about, item: { ...young, status: 'in_progress' } },
    ...growth(item, about, size),
    { type: 'response.output_item.done', ...about, item },
  ]
}

function growth(item: JsonObject, about: JsonObject, size: number): JsonObject[] {
  if (item.type === 'function_call') {
    return pieces(item.arguments, size).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...about,
      delta,
    }))
  }
  if (item.type === 'reasoning' && Array.isArray(item.summary)) {
    return item.summary.flatMap((each, at) => [
      { type: 'response.reasoning_summary_part.added', ...about, summary_index: at },
      ...pieces(isObject(each) ? each.text : '', size).map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        ...about,
        summary_index: at,
        delta,
      })),
    ])
  }
  if (item.type !== 'message' || !Array.isArray(item.content)) return []
  return item.content.flatMap((each, at) => {
    const whole = isObject(each) ? each : {}
    const place = { ...about, content_index: at }
    const kind = whole.type === 'refusal' ? 'response.refusal.delta' : 'response.output_text.delta'
    return [
      {
        type: 'response.content_part.added',
        ...place,
        part: { ...whole, ...('text' in whole && { text: '' }), ...('refusal' in whole && { refusal: '' }) },
      },
      ...pieces(whole.text ?? whole.refusal, size).map((delta) => ({ type: kind, ...place, delta })),
      { type: 'response.content_part.done', ...place, part: whole },
    ]
  })
}

/** Event stream bytes, each event under its own name as the Responses API does. */
export const namedFrames = (events: readonly JsonObject[]): string =>
  events.map((event) => frame(event, String(event.type))).join('')

const detail = () =>
  fc.oneof(
    fc.record({ type: fc.constant('reasoning.text'), text: text(), signature: fc.option(word()), format: word() }),
    fc.record({ type: fc.constant('reasoning.summary'), summary: text() }),
    fc.record({ type: fc.constant('reasoning.encrypted'), data: base64(), id: word() }),
  )

const toolCall = () =>
  fc.record(
    { function: fc.record({ name: word(), arguments: argumentsJson() }), extra_content: fc.jsonValue({ maxDepth: 2 }) },
    { requiredKeys: ['function'] },
  )

/** An assistant message of Chat Completions that says something. */
export const chatAnswer = (): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      thinking: fc.option(
        fc.record({ field: fc.constantFrom('reasoning', 'reasoning_content'), text: fc.string({ minLength: 1 }) }),
      ),
      details: fc.array(detail(), { maxLength: 3 }),
      content: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
      refusal: fc.option(fc.string({ minLength: 1 })),
      calls: fc.array(toolCall(), { maxLength: 3 }),
    })
    .filter(({ content, refusal, calls }) => content !== null || refusal !== null || calls.length > 0)
    .map(({ thinking, details, content, refusal, calls }) => {
      const answer = {
        role: 'assistant',
        content,
        ...(refusal !== null && { refusal }),
        ...(thinking && { [thinking.field]: thinking.text }),
        ...(details.length > 0 && { reasoning_details: details.map((each, index) => ({ ...each, index })) }),
        ...(calls.length > 0 && {
          tool_calls: calls.map((call, at) => ({ id: `call_${at}`, type: 'function', ...call })),
        }),
      }
      return JSON.parse(JSON.stringify(answer)) as JsonObject
    })

/** The deltas in which a server sends this message; the pieces of parallel calls take turns. */
export function chatDeltas(answer: JsonObject, size: number): JsonObject[] {
  const spread = (key: string) => pieces(answer[key], size).map((piece) => ({ [key]: piece }))
  const details = list(answer.reasoning_details).flatMap((each) => {
    const [key, value] = Object.entries(each).find(([name]) => ['text', 'summary', 'data'].includes(name)) ?? [
      'text',
      '',
    ]
    const [first = '', ...later] = pieces(value, size)
    const { type, index } = each
    return [{ ...each, [key]: first }, ...later.map((piece) => ({ type, index, [key]: piece }))] as JsonObject[]
  })
  const calls = list(answer.tool_calls).map((call, index) => {
    const made = isObject(call.function) ? call.function : {}
    const [first = '', ...later] = pieces(made.arguments, size)
    return [
      { ...call, index, function: { ...made, arguments: first } },
      ...later.map((piece) => ({ index, function: { arguments: piece } })),
    ] as JsonObject[]
  })
  const turns = Math.max(0, ...calls.map((each) => each.length))
  return [
    { role: 'assistant', content: null },
    ...spread('reasoning'),
    ...spread('reasoning_content'),
    ...details.map((each) => ({ reasoning_details: [each] })),
    ...spread('content'),
    ...spread('refusal'),
    ...Array.from({ length: turns }, (_, turn) => ({ tool_calls: calls.flatMap((each) => each[turn] ?? []) })),
  ]
}

/** The chunks of a whole answer. */
export function chatFrames(deltas: readonly JsonObject[], finish: string): string {
  const chunk = (delta: JsonObject, reason: string | null) => ({
    model: 'gpt-test',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })
  const usage = { model: 'gpt-test', choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } }
  return [...deltas.map((delta) => chunk(delta, null)), chunk({}, finish), usage, '[DONE]']
    .map((each) => frame(each))
    .join('')
}

/** `value` in pieces of `size` UTF-16 units, so that surrogate pairs are cut too. */
export function pieces(value: unknown, size: number): string[] {
  const whole = typeof value === 'string' ? value : ''
  return Array.from({ length: Math.ceil(whole.length / size) }, (_, at) => whole.slice(at * size, (at + 1) * size))
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => isObject(entry)) : []
}
