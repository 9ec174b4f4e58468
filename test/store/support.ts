/** Stores in folders of their own, and the values that tests put into them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import type { AssistantMessage, Block } from '../../src/shared/message.ts'
import { newDraft, settle } from '../../src/shared/reduce.ts'
import type { OpenOptions } from '../../src/store/open.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'

export const ORIGIN = { provider: 'anthropic', dialect: 'anthropic', model: 'claude' }
/** Who answers in these tests, as lists name it. */
export const MODEL = { provider: 'anthropic', model: 'claude' }

/** A folder and the stores opened in it; `dispose` closes and deletes them. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'panelist-store-'))
  readonly path = join(this.folder, 'panelist.db')
  readonly problems: string[] = []
  #stores: Store[] = []

  /** Fails where the store is not a durable one without notices. */
  open(options: Partial<OpenOptions> = {}): Store {
    const { store, notices } = this.tryOpen(options)
    if (notices.length > 0 || !store.durable) throw new Error(`Not opened: ${JSON.stringify(notices)}`)
    return store
  }

  tryOpen(options: Partial<OpenOptions> = {}) {
    const opened = openStore({ path: this.path, onProblem: (problem) => this.problems.push(problem), ...options })
    this.#stores.push(opened.store)
    return opened
  }

  dispose(): void {
    for (const store of this.#stores) store.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function answer(content: Block[] = []): AssistantMessage {
  return { ...settle(newDraft(ORIGIN)), content, stop: { kind: 'done' } }
}

let count = 0
export function stored(conversation: string, fields: Partial<StoredMessage> = {}): StoredMessage {
  count++
  const message: StoredMessage = {
    id: `message-${count}`,
    conversation,
    parent: null,
    createdAt: 1_000 + count,
    state: 'done',
    message: { role: 'user', content: [{ type: 'text', text: `text ${count}` }] },
  }
  return { ...message, ...fields }
}

export function streaming(conversation: string, fields: Partial<StoredMessage> = {}): StoredMessage {
  return stored(conversation, { state: 'streaming', message: settle(newDraft(ORIGIN)), ...fields })
}

/** A chain of `length` messages under one another; returns their ids, oldest first. */
export function chain(store: Store, conversation: string, length: number, text = 'x'): string[] {
  const ids: string[] = []
  for (let place = 0; place < length; place++) {
    const content = [{ type: 'text', text: `${place} ${text}` } as const]
    const message = place % 2 === 0 ? ({ role: 'user', content } as const) : answer([...content])
    const one = stored(conversation, { parent: ids.at(-1) ?? null, message: message as StoredMessage['message'] })
    store.messages.append(one)
    ids.push(one.id)
  }
  return ids
}

/** Cuts `items` at the given places, in any order, into pieces. */
export function cutInto<T>(items: readonly T[], cuts: readonly number[]): T[][] {
  const places = [...new Set(cuts.map((cut) => cut % (items.length + 1)))].sort((a, b) => a - b)
  return [...places, items.length].map((end, piece) => items.slice(piece === 0 ? 0 : places[piece - 1], end))
}
