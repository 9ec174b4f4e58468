import type { ConversationId, ConversationSummary, Found, ModelRef, StoredMessage } from '../shared/conversation.ts'
import { LIST_LIMIT, newConversation } from './conversation-codec.ts'
import { createMatcher } from './matching.ts'
import { endNear } from './memory-messages.ts'
import type { KeptConversation, Tables } from './memory-tables.ts'
import { liveConversation, messagesOf } from './memory-tables.ts'
import { KEPT_FOR } from './purge.ts'
import { searchableText, traitsOf } from './searchable.ts'
import { snippetOf } from './snippet.ts'
import type { Conversations, ListOptions } from './store.ts'
import type { Phrase } from './words.ts'
import { holds, phrasesOf, spelled } from './words.ts'

export function createConversations(tables: Tables, clock: () => number): Conversations {
  const { conversations } = tables
  const change = (id: ConversationId, apply: (conversation: KeptConversation) => void): void => {
    const conversation = conversations.get(id)
    if (conversation) apply(conversation)
  }
  /** Those that have messages, with these. */
  const listed = () =>
    [...conversations.values()]
      .map((one) => ({ one, messages: messagesOf(tables, one.id) }))
      .filter(({ messages }) => messages.length > 0)

  return {
    create(fields) {
      if (fields.id !== undefined && conversations.has(fields.id)) throw new Error(`Conversation ${fields.id} exists.`)
      const conversation = newConversation(structuredClone(fields), clock())
      conversations.set(conversation.id, conversation)
      return structuredClone(conversation)
    },
    get(id) {
      const found = liveConversation(tables, id)
      if (!found) return undefined
      const { leaf, ...rest } = structuredClone(found)
      const end = endNear(tables, id, leaf)
      return { ...rest, ...(end !== undefined && { leaf: end }) }
    },
    list({ search = '', limit = LIST_LIMIT, offset = 0, ...filters } = {}) {
      const phrases = phrasesOf(search)
      const rows = listed()
        .filter(({ one, messages }) => passes(one, messages, filters))
        .toReversed()
        .sort((a, b) => Number(b.one.pinned ?? 0) - Number(a.one.pinned ?? 0) || b.one.updatedAt - a.one.updatedAt)
        .map((row, number) => ({ ...row, title: row.one.title, number }))
      if (phrases.length === 0) return rows.slice(offset, offset + limit).map((row) => summary(row.one, row.messages))
      const texts = rows.map(({ messages }) => ordered(messages))
      // A doc is the place of a message among those of its conversation, in the order that one is preferred by.
      const hits = (wanted: readonly Phrase[]) =>
        new Map(
          texts.flatMap((all, number) => {
            const doc = all.findIndex(({ spelled }) => wanted.every((phrase) => holds(spelled, phrase)))
            return doc < 0 ? [] : [[number, doc] as const]
          }),
        )
      const matches = createMatcher({ hits })(rows, phrases).slice(offset, offset + limit)
      return matches.map(({ row, doc }) => {
        const found = doc === undefined ? undefined : foundIn(texts[row.number]?.[doc]?.message, phrases)
        return { ...summary(row.one, row.messages), ...(found && { found }) }
      })
    },
    facets: () => ({
      workspaces: distinct(listed().flatMap(({ one }) => one.workspace ?? [])),
      models: modelsOf(listed().flatMap(({ messages }) => messages)),
      agents: distinct(listed().flatMap(({ one }) => one.agent ?? [])),
    }),
    update: (id, { title, titledBy, pinned, archived, agent, workspace, neverSendTo }) =>
      change(id, (one) => {
        Object.assign(one, title !== undefined && { title }, titledBy !== undefined && { titledBy })
        assign(one, 'pinned', pinned === undefined ? undefined : pinned || null)
        assign(one, 'archived', archived === undefined ? undefined : archived || null)
        assign(one, 'agent', agent)
        assign(one, 'workspace', workspace)
        assign(one, 'neverSendTo', neverSendTo && (neverSendTo.length > 0 ? [...neverSendTo] : null))
      }),
    setChoice: (id, choice) => change(id, (one) => assign(one, 'choice', choice ? { ...choice } : null)),
    setLeaf: (id, leaf) => change(id, (one) => assign(one, 'leaf', leaf ?? null)),
    touch: (id) => change(id, (one) => (one.updatedAt = clock())),
    delete: (ids) => [ids].flat().forEach((id) => change(id, (one) => (one.deletedAt ??= clock()))),
    restore: (ids) => [ids].flat().forEach((id) => change(id, (one) => delete one.deletedAt)),
    purge: (ids) => purge(tables, clock() - KEPT_FOR, ids === undefined ? undefined : [ids].flat()),
    purgeSome() {
      purge(tables, clock() - KEPT_FOR, undefined)
      return false
    },
  }
}

/** Undefined leaves the field as it is, null takes it away. */
function assign<Field extends keyof KeptConversation>(
  one: KeptConversation,
  field: Field,
  value: KeptConversation[Field] | null | undefined,
): void {
  if (value === null) delete one[field]
  else if (value !== undefined) one[field] = value
}

function passes(one: KeptConversation, messages: StoredMessage[], filters: ListOptions): boolean {
  const { workspace, provider, model, agent, since = -Infinity, until = Infinity, archived = false } = filters
  return (
    (one.archived ?? false) === archived &&
    (workspace === undefined || one.workspace === workspace) &&
    (agent === undefined || one.agent === agent) &&
    one.updatedAt >= since &&
    one.updatedAt < until &&
    ((provider === undefined && model === undefined) ||
      modelsOf(messages).some(
        (ref) => (provider ?? ref.provider) === ref.provider && (model ?? ref.model) === ref.model,
      ))
  )
}

function summary(one: KeptConversation, messages: StoredMessage[]): ConversationSummary {
  const { choice: _, leaf: __, deletedAt: ___, neverSendTo: ____, ...rest } = one
  return { ...structuredClone(rest), messages: messages.length, models: modelsOf(messages) }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const distinct = (values: string[]): string[] => [...new Set(values)].sort(compare)

function modelsOf(messages: readonly StoredMessage[]): ModelRef[] {
  const models = messages.flatMap(({ message }) => traitsOf(message).model ?? [])
  const each = new Map(models.map((model) => [JSON.stringify([model.provider, model.model]), model]))
  return [...each.values()].sort((a, b) => compare(a.provider, b.provider) || compare(a.model, b.model))
}

/** Newest first, what tools gave last. An answer that is being written is not searched. */
function ordered(messages: readonly StoredMessage[]) {
  const searched = messages.filter(({ state }) => state !== 'streaming').toReversed()
  const isTool = ({ message }: StoredMessage): number => (message.role === 'tool' ? 1 : 0)
  return searched
    .sort((a, b) => isTool(a) - isTool(b))
    .map((message) => ({ message, spelled: ` ${spelled(searchableText(message.message))} ` }))
}

function foundIn(stored: StoredMessage | undefined, phrases: readonly Phrase[]): Found | undefined {
  const snippet = stored && snippetOf(searchableText(stored.message), phrases)
  return snippet && { message: stored.id, role: stored.message.role, ...snippet }
}

function purge(tables: Tables, before: number, ids: ConversationId[] | undefined): void {
  const { conversations, messages, journal, blobs, removals, summaries } = tables
  const gone = new Set<ConversationId>()
  for (const { id, deletedAt } of conversations.values()) {
    if (deletedAt !== undefined && (ids ? ids.includes(id) : deletedAt < before)) gone.add(id)
  }
  const tokens = new Set([...removals].flatMap(([token, { at }]) => (ids === undefined && at < before ? token : [])))
  const taken = [...messages.values()].filter(
    ({ stored, removal }) => gone.has(stored.conversation) || (removal !== undefined && tokens.has(removal)),
  )
  for (const one of conversations.values()) assign(one, 'leaf', endNear(tables, one.id, one.leaf) ?? null)
  const parents = new Map([...messages].map(([id, { stored }]) => [id, above(tables, stored.parent, tokens)]))
  for (const [id, { stored }] of messages) stored.parent = parents.get(id) ?? null
  for (const { stored } of taken) {
    messages.delete(stored.id)
    journal.delete(stored.id)
  }
  for (const id of gone) conversations.delete(id)
  for (const [token, { conversation }] of removals)
    if (tokens.has(token) || gone.has(conversation)) removals.delete(token)
  for (const [id, { conversation }] of summaries) if (gone.has(conversation)) summaries.delete(id)
  const named = JSON.stringify(taken)
  const kept = [...blobs.keys()].some((hash) => named.includes(hash)) ? JSON.stringify([...messages.values()]) : ''
  for (const hash of blobs.keys()) if (named.includes(hash) && !kept.includes(hash)) blobs.delete(hash)
}

/** `id`, or the nearest above it that these removals did not take. */
function above({ messages }: Tables, id: string | null, tokens: ReadonlySet<string>): string | null {
  const passed = new Set<string>()
  for (let at = id; at !== null && !passed.has(at);) {
    passed.add(at)
    const kept = messages.get(at)
    if (kept?.removal === undefined || !tokens.has(kept.removal)) return at
    at = kept.stored.parent
  }
  return null
}
