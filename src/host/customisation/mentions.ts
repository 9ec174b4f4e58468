/** The files a conversation is about: what the person attached, and what in their words looks like a file. */
import type { Message } from '../../shared/message.ts'

/** Longer texts are data that somebody pasted; of them the beginning counts, in UTF-16 units. */
const MOST_TEXT = 20_000
const LONGEST_PATH = 300
/** More than these say nothing new. */
const MOST_PATHS = 500

/** Paths with `/`, each once, in the order they came up. What was said later never moves what was said before. */
export function filesOf(messages: readonly Message[]): string[] {
  const paths = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'user') continue
    for (const part of message.content) {
      const found = part.type === 'file' ? [fileName(part.name ?? '')] : wordsIn(part.text)
      for (const path of found) if (path !== '' && paths.size < MOST_PATHS) paths.add(asPath(path))
    }
  }
  return [...paths]
}

/** Words that end in a dot and a few letters: `src/main.ts`, `@src/main.ts:12`, `./a.py,`. No address of the web. */
function wordsIn(text: string): string[] {
  return text
    .slice(0, MOST_TEXT)
    .split(/[\s"'`()<>[\]{}|,;*]+/)
    .filter((word) => word.length <= LONGEST_PATH && !word.includes('://'))
    .map((word) => word.replace(/(?::\d+){1,2}$/, '').replace(/[.:!?]+$/, ''))
    .filter((word) => /[^./\\]\.[A-Za-z0-9]{1,12}$/.test(word))
}

/** Of an attachment whose name says which part of the file it is. */
const fileName = (name: string): string => name.replace(/\s*(?:\([^)]*\)|, .*|:\d+(?:[-:]\d+)*)$/, '')

const asPath = (word: string): string =>
  word
    .replaceAll('\\', '/')
    .replace(/^[@#]/, '')
    .replace(/^(?:\.?\/)+/, '')
