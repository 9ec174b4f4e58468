/**
 * Colours finished code blocks while the page has nothing else to do, a piece at a time so that none is a long task.
 * A block of more than `PIECE` lines is coloured in pieces, each on its own: a comment or string that spans the border
 * of two loses its colour there.
 */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/c'
import cpp from 'highlight.js/lib/languages/cpp'
import csharp from 'highlight.js/lib/languages/csharp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { toNodes } from './sanitize.ts'

// prettier-ignore
const languages = {
  bash, c, cpp, csharp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml,
}
for (const [name, grammar] of Object.entries(languages)) hljs.registerLanguage(name, grammar)

const PIECE = 40
/** No piece is begun after this much of a turn. */
const TURN_MS = 6
/** Larger than this stays plain: nobody reads it in a panel. In characters. */
const TOO_LONG = 100_000

const queue: HTMLElement[] = []
let scheduled = false

/** Colours the code blocks inside `node` later. Their text does not change any more. */
export function highlightLater(node: HTMLElement): void {
  for (const code of node.querySelectorAll<HTMLElement>('code[data-language]:not([data-lit])')) {
    if (hljs.getLanguage(code.dataset['language'] ?? '')) queue.push(code)
  }
  schedule()
}

/** Resolves when nothing waits to be coloured. */
export async function highlighted(): Promise<void> {
  while (queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
}

function schedule(): void {
  if (scheduled || queue.length === 0) return
  scheduled = true
  requestIdleCallback(work, { timeout: 1000 })
}

function work(): void {
  scheduled = false
  const start = performance.now()
  do {
    // What left the page meanwhile is coloured when it comes back.
    while (queue[0] && !queue[0].isConnected) queue.shift()
    if (queue[0]) step(queue[0])
  } while (queue.length > 0 && performance.now() - start < TURN_MS)
  schedule()
}

const pieces = new WeakMap<HTMLElement, { lines: string[]; done: number; nodes: ChildNode[]; text: string }>()

function step(code: HTMLElement): void {
  const text = code.textContent
  let job = pieces.get(code)
  if (!job || job.text !== text) pieces.set(code, (job = { lines: text.split('\n'), done: 0, nodes: [], text }))
  if (text.length > TOO_LONG) return void queue.shift()
  const end = Math.min(job.done + PIECE, job.lines.length)
  const piece = job.lines.slice(job.done, end).join('\n') + (end < job.lines.length ? '\n' : '')
  const language = code.dataset['language'] ?? ''
  job.nodes.push(...toNodes(hljs.highlight(piece, { language, ignoreIllegals: true }).value))
  job.done = end
  if (end < job.lines.length) return
  queue.shift()
  code.replaceChildren(...job.nodes)
  code.dataset['lit'] = ''
  pieces.delete(code)
}
