/** The messages that go out for a cut: what stands for the beginning, what is always sent, and the end as it is. */
import { estimateContent } from '../../usage/estimate.ts'
import type { Message } from '../../shared/message.ts'
import type { Cut, Item } from './cut.ts'
import { turnStarts, unitEnd, unitStart } from './cut.ts'
import { shortened } from './shorten.ts'

// The same words in every request: a number in them would change the prompt, and cost its cache.
const BEGINNING = '(Earlier messages of this conversation are left out here.)'
const BETWEEN = '(Some messages are left out here.)'
const DIGEST = '(The earlier part of this conversation is replaced by this summary of it.)'

/** Of a turn that is cut within, all words of the person stay that take no more of the window than this. The last always. */
const WORDS_SHARE = 0.25

export type Viewed = { messages: { message: Message }[]; kept: ReadonlySet<number> }

/** `limit`: tokens of the whole request. `kept`: the places of what is sent. */
export function viewOf(items: readonly Item[], cut: Cut, limit: number): Viewed {
  const kept = keptBefore(items, cut.from, limit)
  for (let at = cut.from; at < items.length; at++) kept.add(at)
  const messages: { message: Message }[] = []
  if (cut.digest) messages.push(note(`${DIGEST}\n\n${cut.digest.text}`))
  else if (kept.size < items.length) messages.push(note(BEGINNING))
  let last = -1
  for (const at of [...kept].sort((one, other) => one - other)) {
    if (last >= 0 && at > last + 1) messages.push(note(BETWEEN))
    last = at
    messages.push(shown(items[at]!, at, cut))
  }
  return { messages, kept }
}

function shown(item: Item, at: number, { short }: Cut): { message: Message } {
  const { message } = item
  return at < short && message.role === 'tool' && !item.pinned ? { message: shortened(message) } : { message }
}

/** The places before `from` of what is pinned, whole with its results, and of the words of the turn that is cut. */
function keptBefore(items: readonly Item[], from: number, limit: number): Set<number> {
  const kept = new Set<number>()
  for (let at = 0; at < from; at++) {
    if (!items[at]?.pinned) continue
    const start = unitStart(items, at)
    for (let one = start; one < Math.min(from, unitEnd(items, start)); one++) kept.add(one)
  }
  for (const at of wordsOfTurn(items, from, limit)) kept.add(at)
  return kept
}

function wordsOfTurn(items: readonly Item[], from: number, limit: number): number[] {
  if (items[from]?.message.role === 'user' || from >= items.length) return []
  const start = turnStarts(items).findLast((at) => at <= from) ?? 0
  const words: number[] = []
  let tokens = 0
  for (let at = from - 1; at >= start; at--) {
    const message = items[at]?.message
    if (message?.role !== 'user') continue
    tokens += estimateContent(message.content)
    if (words.length > 0 && tokens > limit * WORDS_SHARE) break
    words.push(at)
  }
  return words
}

const note = (text: string): { message: Message } => ({ message: { role: 'user', content: [{ type: 'text', text }] } })
