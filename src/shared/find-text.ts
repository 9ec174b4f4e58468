/** What a person reads of a message, and where words stand in it. The host and the page agree on both. */
import { meeting, joinTexts } from './join.ts'
import type { MessageView } from './view.ts'

/** The places where `words` stands, none within another. UTF-16 offsets. */
export function placesOf(text: string, words: string, matchCase: boolean): number[] {
  if (words === '') return []
  const [all, wanted] = matchCase ? [text, words] : [lower(text), lower(words)]
  const places: number[] = []
  for (let at = all.indexOf(wanted); at >= 0; at = all.indexOf(wanted, at + wanted.length)) places.push(at)
  return places
}

/** Lower case letter by letter, so that every offset stays what it is. */
function lower(text: string): string {
  const whole = text.toLowerCase()
  if (whole.length === text.length) return whole
  return [...text]
    .map((letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter))
    .join('')
}

/**
 * The text of each message as the page draws it: a question as it was typed, an answer without the marks of its Markdown,
 * one that goes on from another with that one. `drawnOf`: what is drawn of Markdown. What folds (thinking, calls and their results) is not looked through.
 */
export function readingOf(branch: readonly MessageView[], drawnOf = plain): { message: string; text: string }[] {
  type Drawn = { message: string; text: string; markdown: boolean }
  const texts: Drawn[] = []
  let drawn: Drawn | undefined
  branch.forEach(({ id, message }, at) => {
    const before = branch[at - 1]?.message
    const goesOn = message.role === 'assistant' && before?.role === 'assistant' ? message.goesOn : undefined
    const met = goesOn && drawn && before && meeting(before, message)
    if (!met) drawn = undefined
    message.content.forEach((block, place) => {
      if (block.type !== 'text' || block.text === '') return
      if (goesOn && drawn && met?.start === place) return void (drawn.text = joinTexts(drawn.text, block.text, goesOn))
      drawn = { message: id, text: block.text, markdown: message.role === 'assistant' }
      texts.push(drawn)
    })
  })
  return texts.map(({ message, text, markdown }) => ({ message, text: markdown ? drawnOf(text) : text }))
}

/** Markdown without what is not drawn of it: marks of stress and headings, fences, and the addresses of links. */
export function plain(markdown: string): string {
  let fence: string | undefined
  return markdown
    .split('\n')
    .flatMap((line) => {
      const run = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
      if (fence !== undefined) {
        if (run?.startsWith(fence) && line.trim() === run) fence = undefined
        else return [line]
        return []
      }
      if (run !== undefined) {
        fence = run
        return []
      }
      return [inline(line)]
    })
    .join('\n')
}

function inline(line: string): string {
  return line
    .replace(/^ {0,3}#{1,6}\s+/, '')
    .replace(/^(\s*)[-*+]\s+/, '$1')
    .replace(/!?\[([^\]]*)\]\([^)\s]*(?:\s+"[^"]*")?\)/g, '$1')
    .replace(/(\*\*|__|~~|`+)/g, '')
    .replace(/(^|[\s(])[*_](?=\S)/g, '$1')
    .replace(/(\S)[*_](?=[\s).,;:!?]|$)/g, '$1')
}
