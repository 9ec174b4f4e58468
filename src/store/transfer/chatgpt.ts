/**
 * `conversations.json` of a ChatGPT data export: a list of conversations, each a `mapping` of nodes with their parents.
 * The format is not documented by its maker; it was read off published exports of 2023 to 2026. Nodes that nobody sees
 * fall out of the tree, and the nodes of one answer (thoughts, calls, results, text) become one message.
 */
import type { StoredMessage } from '../../shared/conversation.ts'
import type { JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Block, Part } from '../../shared/message.ts'
import type { BlobContent } from '../store.ts'
import type { Desk, Foreign } from './foreign.ts'
import { answerOf, conversationOf, idOf, numberAt, objectAt, own, secondsOf, textAt } from './foreign.ts'
import { blocksOf } from './chatgpt-content.ts'

const PROVIDER = 'chatgpt'

type Draft = {
  role: 'user' | 'assistant'
  id: string
  parent: Draft | undefined
  createdAt: number
  model: string | undefined
  content: Block[]
  /** Something else follows it too: what comes next is a message of its own. */
  closed: boolean
  cutOff: boolean
}

type Step = { id: string; parent: Draft | undefined }

export function fromChatGpt(data: JsonObject, desk: Desk): Foreign | undefined {
  const mapping = objectAt(data, 'mapping')
  if (!mapping) return undefined
  const key = textAt(data, 'conversation_id') ?? textAt(data, 'id') ?? JSON.stringify([data.title, data.create_time])
  const id = idOf(PROVIDER, key)
  const blobs = new Map<string, BlobContent>()
  const createdAt = secondsOf(numberAt(data, 'create_time'))
  const model = textAt(data, 'default_model_slug')
  const { drafts, drawn } = walk(mapping, { desk, blobs, id, createdAt: createdAt ?? 0 })
  const messages = drafts.map((draft) => toMessage(draft, id, model))
  if (messages.length === 0) return undefined
  const leaf = drawn.get(textAt(data, 'current_node') ?? '')?.id
  const fields = { id, title: textAt(data, 'title'), createdAt, updatedAt: secondsOf(numberAt(data, 'update_time')) }
  const conversation = {
    ...conversationOf(fields, messages, leaf),
    ...(data.is_archived === true && { archived: true as const }),
    ...(data.is_starred === true && { pinned: true as const }),
  }
  return { conversation, messages, blobs }
}

type Walk = { desk: Desk; blobs: Map<string, BlobContent>; id: string; createdAt: number }

/** `drawn`: which message each node became part of, or stands under. */
function walk(mapping: JsonObject, context: Walk): { drafts: Draft[]; drawn: Map<string, Draft | undefined> } {
  const children = childrenOf(mapping)
  const drawn = new Map<string, Draft | undefined>()
  const drafts: Draft[] = []
  const roots = Object.keys(mapping).filter((id) => parentOf(mapping, id) === undefined)
  const from = (starts: readonly string[]): void => {
    const steps: Step[] = starts.toReversed().map((id) => ({ id, parent: undefined }))
    for (let step = steps.pop(); step; step = steps.pop()) {
      const { id, parent } = step
      if (drawn.has(id)) continue
      const draft = drawNode(id, mapping[id], parent, context)
      if (draft && draft !== parent) drafts.push(draft)
      drawn.set(id, draft)
      const below = children.get(id) ?? []
      if (below.length > 1 && draft) draft.closed = true
      for (const child of below.toReversed()) steps.push({ id: child, parent: draft })
    }
  }
  from(roots)
  // Whatever no root leads to hangs in a circle. It is taken from wherever it begins.
  for (const id of Object.keys(mapping)) {
    if (drawn.has(id)) continue
    context.desk.note('messages that stood in a circle')
    from([id])
  }
  return { drafts, drawn }
}

function parentOf(mapping: JsonObject, id: string): string | undefined {
  const parent = textAt(own(mapping, id), 'parent')
  return parent !== undefined && Object.hasOwn(mapping, parent) ? parent : undefined
}

function childrenOf(mapping: JsonObject): Map<string, string[]> {
  const children = new Map<string, string[]>()
  for (const id of Object.keys(mapping)) {
    const parent = parentOf(mapping, id)
    if (parent === undefined) continue
    const list = children.get(parent)
    if (list) list.push(id)
    else children.set(parent, [id])
  }
  const at = (id: string): number => numberAt(objectAt(own(mapping, id), 'message'), 'create_time') ?? 0
  for (const list of children.values()) if (list.length > 1) list.sort((a, b) => at(a) - at(b))
  return children
}

/** The message that this node adds to or begins; its parent where nobody sees the node. */
function drawNode(id: string, node: unknown, parent: Draft | undefined, context: Walk): Draft | undefined {
  const message = objectAt(node, 'message')
  const said = message && blocksOf(message, context, openCalls(parent))
  if (!message || !said) return parent
  const model = textAt(objectAt(message, 'metadata'), 'model_slug')
  const sameModel = model === undefined || parent?.model === undefined || parent.model === model
  if (parent?.role === 'assistant' && said.role === 'assistant' && !parent.closed && sameModel) {
    parent.content.push(...said.content)
    parent.model ??= model
    parent.cutOff = isCutOff(message)
    return parent
  }
  return {
    role: said.role,
    id: idOf(PROVIDER, context.id, id),
    parent,
    createdAt: secondsOf(numberAt(message, 'create_time')) ?? parent?.createdAt ?? context.createdAt,
    model,
    content: said.content,
    closed: false,
    cutOff: isCutOff(message),
  }
}

/** Ids of calls of the answer so far that have no result. */
function openCalls(parent: Draft | undefined): string[] {
  if (parent?.role !== 'assistant') return []
  const done = new Set(parent.content.flatMap((block) => (block.type === 'tool-result' ? [block.callId] : [])))
  return parent.content.flatMap((block) => (block.type === 'tool-call' && !done.has(block.id) ? [block.id] : []))
}

function isCutOff(message: JsonObject): boolean {
  const finish = textAt(objectAt(objectAt(message, 'metadata'), 'finish_details'), 'type')
  return finish === 'interrupted' || textAt(message, 'status') === 'in_progress'
}

function toMessage(draft: Draft, conversation: string, fallback: string | undefined): StoredMessage {
  const { role, id, parent, createdAt, content, cutOff } = draft
  const stop = { kind: cutOff ? 'aborted' : 'done' } as const
  const message =
    role === 'user'
      ? { role, content: content as Part[] }
      : answerOf(PROVIDER, draft.model ?? fallback ?? 'unknown', content, stop)
  const state = role === 'assistant' && cutOff ? 'interrupted' : 'done'
  return { id, conversation, parent: parent?.id ?? null, createdAt, state, message }
}

export const isChatGpt = (value: unknown): value is JsonObject => isObject(value) && isObject(own(value, 'mapping'))
