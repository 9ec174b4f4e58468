/** How much of a model's window a request may take, and what a provider says of it when that was too much. */

/** Some models are said to write as much as they read: an answer is never given more than this share of the window. */
const MOST_ANSWER = 0.5

export type Room = {
  /** Tokens of the request. */
  limit: number
  /** Tokens of the answer. */
  answer: number
}

/** `window` and `answer` in tokens; `answer` is what the answer may take at most. */
export function roomOf(window: number, answer: number | undefined): Room {
  const share = Math.min(answer ?? 0, Math.floor(window * MOST_ANSWER))
  return { limit: window - share, answer: share }
}

/** What a refusal tells, in tokens: of the window, and of the request as the provider counted it. */
export type Told = { window?: number; tokens?: number }

const NUMBER = String.raw`(\d{1,3}(?:[,.'\u202f ]\d{3})+|\d{3,})`
const pattern = (words: string): RegExp => new RegExp(words.replaceAll('#', NUMBER), 'i')

// As the providers and the servers that are compatible with them put it.
const PAIRS: { words: RegExp; order: 'tokens first' | 'window first' }[] = [
  { words: pattern('# tokens? ?> ?#'), order: 'tokens first' },
  { words: pattern(String.raw`token count \(?#\)?[^\d]{1,60}(?:maximum|limit)[^\d]{1,60}#`), order: 'tokens first' },
  {
    words: pattern(String.raw`(?:prompt|input|request)[^\d]{0,40}#[^\d]{1,60}(?:maximum|limit|exceed)[^\d]{1,60}#`),
    order: 'tokens first',
  },
  { words: pattern(String.raw`(?:maximum|limit|window|length|size)[^\d]{1,60}#[^\d]{1,120}#`), order: 'window first' },
]
const WINDOW = pattern(String.raw`(?:maximum|limit|window|context)[^\d]{1,60}#`)

// The prompt and the room that was asked for the answer.
const SUM = pattern(String.raw`#\s*\+\s*#\s*>\s*#`)

/** Undefined where no number can be made out. */
export function toldBy(words: string): Told | undefined {
  const [, prompt, answer, most] = SUM.exec(words) ?? []
  if (prompt && answer && most) return { tokens: numberOf(prompt) + numberOf(answer), window: numberOf(most) }
  for (const { words: pair, order } of PAIRS) {
    const [, one, other] = pair.exec(words) ?? []
    if (one === undefined || other === undefined) continue
    const [tokens, window] = order === 'tokens first' ? [one, other] : [other, one]
    return { tokens: numberOf(tokens), window: numberOf(window) }
  }
  const [, window] = WINDOW.exec(words) ?? []
  return window === undefined ? undefined : { window: numberOf(window) }
}

const numberOf = (words: string): number => Number(words.replace(/\D/g, ''))

/** Where a refusal tells nothing, the request is tried once more with this share of its tokens. */
const AFTER_REFUSAL = 0.7

/**
 * What requests to this model may take, as its refusal of one that we took for `sent` tokens tells: in tokens of our own
 * estimate, which the provider's count of that request corrects.
 */
export function limitTold(told: Told | undefined, sent: number, answer: number | undefined): number {
  if (told?.window === undefined || told.window <= 0) return Math.floor(sent * AFTER_REFUSAL)
  const scale = told.tokens !== undefined && told.tokens > 0 ? sent / told.tokens : 1
  // A provider that counts the answer as well tells of more tokens than the request has.
  return Math.floor(roomOf(told.window, answer).limit * Math.max(0.25, Math.min(1, scale)))
}

/** What that request may take at its second try. Always less than was sent: the same again would be refused again. */
export function limitAfter(told: Told | undefined, sent: number, answer: number | undefined): number {
  return Math.floor(Math.min(limitTold(told, sent, answer), sent * 0.95))
}
