/** The checks of the conversation model. A file is trusted with nothing: what is imported passes through here. */
import type { CallEnd, CallFailure } from '../../shared/call-end.ts'
import type { Guidance, UsedInstructions } from '../../shared/agent.ts'
import type {
  Choice,
  Conversation,
  Fitted,
  MessageState,
  ModelRef,
  PaidBy,
  StoredMessage,
  Summary,
  Timing,
  FailedAttempt,
} from '../../shared/conversation.ts'
import type { Failure, FailureCode } from '../../shared/failure.ts'
import type {
  Block,
  Citation,
  File,
  Media,
  Message,
  Origin,
  Other,
  Part,
  Stop,
  Text,
  Thinking,
  ToolCall,
  ToolResult,
  Usage,
} from '../../shared/message.ts'
import type { RequestOutcome, RequestRecord } from '../../shared/usage-record.ts'
import type { Check } from './check.ts'
import {
  boolean,
  count,
  json,
  list,
  maybe,
  number,
  object,
  oneOf,
  orNull,
  text,
  time,
  union,
  wrong,
  yes,
} from './check.ts'

const citation = object<Citation>({
  url: maybe(text),
  title: maybe(text),
  quote: maybe(text),
  start: maybe(count),
  end: maybe(count),
})

/** Exactly one of the three says where the bytes are. */
const media: Check<Media> = (value, path) => {
  const made = object<{ mediaType: string; data?: string; blob?: string; url?: string }>({
    mediaType: text,
    data: maybe(text),
    blob: maybe(text),
    url: maybe(text),
  })(value, path)
  if ([made.data, made.blob, made.url].filter((one) => one !== undefined).length !== 1)
    throw wrong(path, 'an attachment with its bytes in one place', value)
  return made as Media
}

const typed = <T extends string>(type: T): Check<T> => oneOf(type)
const wire = maybe(json)

const textBlock = object<Text>({ type: typed('text'), text, citations: maybe(list(citation)), wire })
const thinking = object<Thinking>({ type: typed('thinking'), text, redacted: maybe(yes), wire })
const file = object<File>({ type: typed('file'), media, name: maybe(text), size: maybe(count), wire })
const other = object<Other>({ type: typed('other'), kind: text, wire })
const ranBy = oneOf('host', 'provider')
const part = union<Part>('type', { text: textBlock, file })
const toolCall = object<ToolCall>({
  type: typed('tool-call'),
  id: text,
  name: text,
  ranBy,
  json: text,
  input: maybe(json),
  output: maybe(list(part)),
  wire,
})
// prettier-ignore
const WHYS: Record<CallFailure, true> = {
  'unknown-tool': true, arguments: true, denied: true, preview: true, timeout: true, stopped: true, 'not-run': true,
  interrupted: true, tool: true,
}
const callEnd = object<CallEnd>({
  summary: maybe(text),
  why: maybe(oneOf(...(Object.keys(WHYS) as CallFailure[]))),
  durationMs: maybe(number),
  rejected: maybe(list(text)),
  said: maybe(text),
})
const toolResult = object<ToolResult>({
  type: typed('tool-result'),
  callId: text,
  name: text,
  ranBy,
  output: list(part),
  failed: maybe(yes),
  end: maybe(callEnd),
  wire,
})
const block = union<Block>('type', {
  text: textBlock,
  thinking,
  file,
  'tool-call': toolCall,
  'tool-result': toolResult,
  other,
})

// prettier-ignore
const CODES: Record<FailureCode, true> = {
  auth: true, permission: true, quota: true, 'rate-limit': true, overloaded: true, unavailable: true, timeout: true,
  network: true, 'invalid-request': true, 'context-length': true, 'not-found': true, 'content-filter': true,
  truncated: true, malformed: true, budget: true, unknown: true,
}
const code = oneOf(...(Object.keys(CODES) as FailureCode[]))

const failure = object<Failure>({
  code,
  message: text,
  status: maybe(number),
  retryAfterMs: maybe(number),
  shouldRetry: maybe(boolean),
  lasting: maybe(yes),
  requestId: maybe(text),
  detail: maybe(text),
})

const raw = maybe(text)
type StopOf<Kind extends Stop['kind']> = Extract<Stop, { kind: Kind }>
type Plain = { raw?: string; kind: 'done' | 'tools' | 'paused' | 'aborted' }
const plain = object<Plain>({ raw, kind: oneOf('done', 'tools', 'paused', 'aborted') })
const stop = union<Stop>('kind', {
  done: plain,
  tools: plain,
  paused: plain,
  aborted: plain,
  limit: object<StopOf<'limit'>>({ raw, kind: typed('limit'), of: oneOf('output', 'context') }),
  refused: object<StopOf<'refused'>>({ raw, kind: typed('refused'), category: maybe(text), why: maybe(text) }),
  failed: object<StopOf<'failed'>>({ raw, kind: typed('failed'), failure }),
})

const usage = object<Usage>({
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite: number,
  reasoning: maybe(number),
  cost: maybe(number),
  estimated: maybe(yes),
  wire,
})
const origin = object<Origin>({ provider: text, dialect: text, model: text })

const message = union<Message>('role', {
  user: object<Extract<Message, { role: 'user' }>>({ role: typed('user'), content: list(part) }),
  assistant: object<Extract<Message, { role: 'assistant' }>>({
    role: typed('assistant'),
    content: list(block),
    origin,
    stop,
    usage,
    goesOn: maybe(oneOf('prefilled', 'asked')),
  }),
  tool: object<Extract<Message, { role: 'tool' }>>({ role: typed('tool'), content: list(toolResult) }),
})

const timing = object<Timing>({
  startedAt: time,
  firstTokenMs: maybe(number),
  durationMs: maybe(number),
  failed: maybe(
    list(object<FailedAttempt>({ provider: text, model: text, keyProfile: maybe(text), code, status: maybe(number) })),
  ),
  instead: maybe(text),
})

const guidance = object<Guidance>({
  agent: maybe(object<{ id: string; name: string }>({ id: text, name: text })),
  instructions: maybe(list(object<UsedInstructions>({ path: text, uri: text, tokens: number, cut: maybe(yes) }))),
})

const paidBy = oneOf('credits', 'key') satisfies Check<PaidBy>

/** Nobody streams what comes from a file. */
const state = oneOf('done', 'interrupted') satisfies Check<MessageState>

/** As it stands in a file: the conversation around it says which it is of. */
export type ExportedMessage = Omit<StoredMessage, 'conversation'>

export const exportedMessage = object<ExportedMessage>({
  id: text,
  parent: orNull(text),
  createdAt: time,
  state,
  message,
  timing: maybe(timing),
  cost: maybe(number),
  keyProfile: maybe(text),
  paidBy: maybe(paidBy),
  guidance: maybe(guidance),
  pinned: maybe(yes),
  fitted: maybe(
    object<Fitted>({ left: number, from: maybe(text), summary: maybe(text), short: maybe(text), note: maybe(text) }),
  ),
})

/** As it stands in a file, beside the messages it is for. */
export type ExportedSummary = Omit<Summary, 'conversation'>

const summary = object<ExportedSummary>({
  id: text,
  through: text,
  text,
  origin: maybe(object<ModelRef>({ provider: text, model: text })),
  createdAt: time,
  tokens: maybe(number),
  cost: maybe(number),
})

const choice = object<Choice>({
  provider: text,
  model: text,
  maxOutputTokens: maybe(number),
  thinking: maybe(oneOf('off', 'low', 'medium', 'high')),
  keyProfile: maybe(text),
  toolsOff: maybe(list(text)),
  failover: maybe(list(text)),
})

export type ExportedConversation = Conversation & { messages: ExportedMessage[]; summaries?: ExportedSummary[] }

export const exportedConversation = object<ExportedConversation>({
  id: text,
  title: text,
  titledBy: maybe(oneOf('words', 'model', 'person')),
  createdAt: time,
  updatedAt: time,
  workspace: maybe(text),
  choice: maybe(choice),
  neverSendTo: maybe(list(text)),
  agent: maybe(text),
  leaf: maybe(text),
  pinned: maybe(yes),
  archived: maybe(yes),
  messages: list(exportedMessage),
  summaries: maybe(list(summary)),
})

const outcome = oneOf('done', 'aborted', 'refused', 'limit', 'failed') satisfies Check<RequestOutcome>

export const requestRecord = object<RequestRecord>({
  id: text,
  provider: text,
  model: text,
  keyProfile: maybe(text),
  agent: maybe(text),
  conversation: maybe(text),
  workspace: maybe(text),
  startedAt: time,
  firstTokenMs: maybe(number),
  durationMs: number,
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  reasoning: count,
  cost: maybe(number),
  attempt: count,
  failoverFrom: maybe(text),
  outcome,
  failureCode: maybe(code),
  httpStatus: maybe(count),
  requestId: maybe(text),
  paidBy: maybe(paidBy),
})

/** Bytes as base64. */
export type ExportedBlob = { hash: string; mediaType: string; data: string }

export const exportedBlob = object<ExportedBlob>({ hash: text, mediaType: text, data: text })
