/**
 * Words as they are compared in a search, the same for every index: lower case, without accents. Scripts that put no
 * spaces between words are taken letter by letter, so that every part of a sentence can be found.
 */

/** A word of a text, and where it stands: UTF-16 offsets. */
export type Word = { text: string; from: number; to: number }

const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('')
const WORDS = new RegExp(`[${UNSPACED}]\\p{M}*|[[\\p{L}\\p{N}\\p{M}\\p{Co}]--[${UNSPACED}]]+`, 'gv')
const NO_WORD = /[^\p{L}\p{N}\p{Co}]+/gu
const ASCII = /^[\0-\x7f]*$/
const ASCII_WORDS = /[a-z0-9]+/g

/** One word, or one title, as it is compared. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  const plain = text.normalize('NFKD').toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '')
  return plain.replaceAll('ς', 'σ')
}

export function* wordsOf(text: string): Generator<Word> {
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    const folded = fold(word).replaceAll(NO_WORD, '')
    if (folded !== '') yield { text: folded, from: index, to: index + word.length }
  }
}

/** The words of a text in their order, one space between two. */
export function spelled(text: string): string {
  if (ASCII.test(text)) return (text.toLowerCase().match(ASCII_WORDS) ?? []).join(' ')
  const words: string[] = []
  for (const { text: word } of wordsOf(text)) words.push(word)
  return words.join(' ')
}

/**
 * What is searched for: one or more words that follow each other, as `src/store.ts` does. `begun`: the last of them may
 * be the beginning of a longer one.
 */
export type Phrase = { raw: string; words: string[]; begun: boolean }

/** Most phrases of a search that count. */
const MOST = 12

export function phrasesOf(search: string): Phrase[] {
  const parts = search.split(/\s+/).filter(Boolean).slice(0, MOST)
  return parts.map((part, place) => {
    const words = [...wordsOf(part)].map(({ text }) => text)
    // One letter begins nearly every text, and costs as much.
    const begun = place === parts.length - 1 && (words.at(-1)?.length ?? 0) > 1
    return { raw: fold(part), words, begun }
  })
}

/** `text` as `spelled` gives it, with a space at both ends. */
export function holds(text: string, phrase: Phrase): boolean {
  return phrase.words.length > 0 && text.includes(pattern(phrase))
}

/** What a spelled text with a space at both ends contains where it holds the phrase. */
export function pattern({ words, begun }: Phrase): string {
  return ` ${words.join(' ')}${begun ? '' : ' '}`
}
