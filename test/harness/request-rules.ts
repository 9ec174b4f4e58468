/** What each provider demands of a request, as far as a history can break it: rules of their APIs, by hand. */
import assert from 'node:assert/strict'
import type { Json, JsonObject } from '../../src/shared/json.ts'
import { isObject, parseJson } from '../../src/shared/json.ts'

export type Rules = (body: JsonObject) => void

const list = (value: Json | undefined): JsonObject[] => {
  assert.ok(Array.isArray(value) && value.length > 0, `a list that is not empty, not ${JSON.stringify(value)}`)
  return value.map((entry) => (assert.ok(isObject(entry)), entry))
}
const filled = (value: Json | undefined): string => {
  assert.ok(typeof value === 'string' && value.trim() !== '', `words, not ${JSON.stringify(value)}`)
  return value
}
const matches = (value: Json | undefined, pattern: RegExp): void =>
  assert.ok(typeof value === 'string' && pattern.test(value), `${JSON.stringify(value)} fits ${pattern}`)
const only = (entry: JsonObject, ...keys: string[]): void =>
  assert.deepEqual(
    Object.keys(entry).filter((key) => !keys.includes(key)),
    [],
    'no field that the API does not know',
  )
const jsonObject = (value: Json | undefined): void =>
  assert.ok(typeof value === 'string' && isObject(parseJson(value)), `arguments are an object, not ${String(value)}`)

/** Of every request: each string is valid Unicode. */
export function assertWellFormed(value: Json): void {
  if (typeof value === 'string') assert.ok(value.isWellFormed(), `${JSON.stringify(value)} is valid Unicode`)
  else if (Array.isArray(value)) value.forEach(assertWellFormed)
  else if (isObject(value)) Object.values(value).forEach(assertWellFormed)
}

const anthropic: Rules = (body) => {
  const turns = list(body.messages)
  assert.equal(turns[0]?.role, 'user', 'the first turn is of the user')
  const known = new Set<Json | undefined>()
  turns.forEach((turn, at) => {
    only(turn, 'role', 'content')
    const blocks = list(turn.content)
    const asked =
      at === 0 || turn.role !== 'user' ? [] : list(turns[at - 1]?.content).filter(({ type }) => type === 'tool_use')
    const answered = blocks.filter(({ type }) => type === 'tool_result')
    assert.deepEqual(
      answered.map((each) => each.tool_use_id).sort(),
      asked.map(({ id }) => id).sort(),
      'each call has its result right after it',
    )
    assert.ok(
      blocks.slice(0, answered.length).every(({ type }) => type === 'tool_result'),
      'results come first',
    )
    if (turn.role === 'assistant') assert.ok(at + 1 < turns.length, 'it does not end with an answer')
    const calls = blocks.filter(({ type }) => type === 'tool_use')
    if (calls.length > 0) assert.equal(turns[at + 1]?.role, 'user', 'results follow calls')
    for (const block of blocks) anthropicBlock(block, turn.role === 'assistant', known)
  })
}

function anthropicBlock(block: JsonObject, assistant: boolean, known: Set<Json | undefined>): void {
  const { cache_control: _, ...rest } = block
  switch (rest.type) {
    case 'text':
      only(rest, 'type', 'text')
      return void filled(rest.text)
    case 'image':
      return assert.ok(!assistant && isObject(rest.source))
    case 'document':
      return assert.ok(!assistant && isObject(rest.source))
    case 'tool_use':
      only(rest, 'type', 'id', 'name', 'input')
      matches(rest.id, /^[a-zA-Z0-9_-]+$/)
      matches(rest.name, /^[a-zA-Z0-9_-]{1,128}$/)
      assert.ok(assistant && isObject(rest.input), 'the input is an object')
      assert.ok(!known.has(rest.id), 'ids are unique in the whole conversation')
      known.add(rest.id)
      return
    case 'tool_result':
      only(rest, 'type', 'tool_use_id', 'content', 'is_error')
      if (rest.content !== undefined) list(rest.content).forEach((each) => anthropicBlock(each, false, known))
      return assert.ok(!assistant)
    case 'thinking':
      only(rest, 'type', 'thinking', 'signature')
      return void filled(rest.signature)
    default:
      assert.fail(`a block of type ${String(rest.type)}`)
  }
}

const chat: Rules = (body) => {
  const messages = list(body.messages).filter(({ role }) => role !== 'system')
  assert.equal(messages[0]?.role, 'user')
  let waiting: Json[] = []
  messages.forEach((message, at) => {
    const before = messages[at - 1]
    if (message.role !== 'tool') assert.deepEqual(waiting, [], 'each call has its result right after it')
    switch (message.role) {
      case 'user':
        assert.notEqual(before?.role, 'user', 'user and assistant take turns')
        return chatContent(message.content)
      case 'tool':
        assert.ok(waiting.includes(message.tool_call_id ?? null), 'a result has its call')
        waiting = waiting.filter((id) => id !== message.tool_call_id)
        return chatContent(message.content, ['text'])
      case 'assistant': {
        const calls = message.tool_calls === undefined ? [] : list(message.tool_calls)
        if (calls.length === 0) filled(message.content)
        waiting = calls.map(chatCall)
        assert.equal(new Set(waiting).size, waiting.length)
        return
      }
      default:
        assert.fail(`a message of role ${String(message.role)}`)
    }
  })
  assert.deepEqual(waiting, [])
}

function chatCall({ id, type, function: made }: JsonObject): Json {
  assert.ok(isObject(made) && type === 'function')
  matches(id, /^.{1,40}$/)
  matches(made.name, /^[a-zA-Z0-9_-]{1,64}$/)
  jsonObject(made.arguments)
  return id ?? null
}

function chatContent(content: Json | undefined, kinds = ['text', 'image_url', 'input_audio', 'file']): void {
  if (typeof content === 'string') return void filled(content)
  for (const part of list(content)) {
    assert.ok(kinds.includes(String(part.type)))
    if (part.type === 'text') filled(part.text)
  }
}

const responses: Rules = (body) => {
  const items = list(body.input)
  const open = new Set<Json>()
  items.forEach((item, at) => {
    const next = items[at + 1]
    if (item.type !== 'function_call_output' && item.type !== 'function_call' && item.role === 'user') {
      assert.equal(open.size, 0, 'each call has its result before the user goes on')
    }
    if (item.role === 'user') {
      for (const part of list(item.content)) if (part.type === 'input_text') filled(part.text)
      return
    }
    switch (item.type) {
      case undefined:
        assert.equal(item.role, 'assistant')
        return void filled(item.content)
      case 'message':
        assert.equal(item.role, 'assistant')
        return list(item.content).forEach((part) => filled(part.text ?? part.refusal))
      case 'function_call':
        matches(item.call_id, /^.{1,64}$/)
        matches(item.name, /^[a-zA-Z0-9_-]{1,128}$/)
        jsonObject(item.arguments)
        return void open.add(item.call_id ?? null)
      case 'function_call_output':
        assert.ok(open.delete(item.call_id ?? null), 'a result has its call')
        if (typeof item.output === 'string') filled(item.output)
        else for (const part of list(item.output)) if (part.type === 'input_text') filled(part.text)
        return
      case 'reasoning':
        assert.ok(next && next.role !== 'user' && next.type !== 'function_call_output', 'reasoning leads to something')
        return assert.ok(item.encrypted_content)
      default:
        assert.fail(`an item of type ${String(item.type)}`)
    }
  })
  assert.equal(open.size, 0)
}

const ollama: Rules = (body) => {
  let waiting = 0
  list(body.messages).forEach((message, at, all) => {
    only(message, 'role', 'content', 'thinking', 'images', 'tool_calls', 'tool_name', 'tool_call_id')
    assert.equal(typeof message.content, 'string')
    if (message.role === 'tool') return assert.ok(waiting-- > 0 && filled(message.tool_name) && filled(message.content))
    assert.equal(waiting, 0, 'each call has its result right after it')
    if (at === 0) assert.equal(message.role, 'user')
    if (message.role === 'user') assert.notEqual(all[at - 1]?.role, 'user', 'user and assistant take turns')
    if (message.images !== undefined)
      assert.ok(Array.isArray(message.images) && message.images.every((each) => filled(each)))
    const calls = message.tool_calls === undefined ? [] : list(message.tool_calls)
    if (calls.length + Number(message.images !== undefined) + Number(message.thinking !== undefined) === 0)
      filled(message.content)
    for (const { function: made } of calls) assert.ok(isObject(made) && isObject(made.arguments) && filled(made.name))
    waiting = calls.length
  })
}

const google: Rules = (body) => {
  const contents = list(body.contents)
  contents.forEach((content, at) => {
    assert.equal(content.role, at % 2 === 0 ? 'user' : 'model', 'user and model take turns, the user first')
    const parts = list(content.parts)
    const named = (key: string, of: JsonObject[]) => of.flatMap((part) => (isObject(part[key]) ? [part[key]] : []))
    const asked = at === 0 ? [] : named('functionCall', list(contents[at - 1]?.parts))
    const answers = named('functionResponse', parts)
    if (content.role === 'user')
      assert.deepEqual(
        answers.map(({ name }) => name),
        asked.map(({ name }) => name),
      )
    else assert.equal(answers.length, 0)
    for (const { name, args } of named('functionCall', parts)) {
      matches(name, /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/)
      assert.ok(args === undefined || isObject(args))
      assert.ok(at + 1 < contents.length, 'results follow calls')
    }
    for (const part of parts) if (part.thoughtSignature === undefined && 'text' in part) assert.notEqual(part.text, '')
  })
}

/** By dialect. */
export const rules: Record<string, Rules> = {
  anthropic,
  'openai-chat': chat,
  'openai-responses': responses,
  ollama,
  google,
}
