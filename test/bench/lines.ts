/** The lines of the table, what Panelist owes in each, and how a line is made of the samples of a run. */
import { sizes } from './parts.ts'
import { chatCounts } from './store.ts'
import { manyChats } from './chats.ts'
import type { Samples } from './parts.ts'
import type { Name } from './subject.ts'

/** Undefined where the line was not measured. */
type Value = number | undefined

export type Line = {
  name: string
  unit: 'ms' | 's' | 'MB'
  /** What its samples are called. */
  figure: string
  /** Counted above what an extension host holds that has neither extension. */
  overEmpty?: true
  owed?: Owed
}

type Owed = { text: string; most: (bare: Value) => Value }

export type Row = {
  line: string
  unit: Line['unit']
  bare: Value
  panelist: Value
  ratio: Value
  owed: string
  /** Undefined where nothing is owed, or where the line was not measured. */
  met: boolean | undefined
  /** The lowest and the highest sample of Panelist. */
  range: [number, number] | undefined
}

const atMost = (most: number): Owed => ({ text: `<= ${most}`, most: () => most })
const times = (factor: number): Owed => ({
  text: factor === 1 ? '<= bare' : `<= ${factor}x bare`,
  most: (bare) => (bare === undefined ? undefined : bare * factor),
})
const above = (more: number): Owed => ({
  text: `<= bare + ${more}`,
  most: (bare) => (bare === undefined ? undefined : bare + more),
})

const ofChats = `${manyChats.toLocaleString('en')} chats`
const nameOf = (messages: number): string => `${messages.toLocaleString('en')}-message conversation`

export const lines: Line[] = [
  { name: 'activation: load + activate', unit: 'ms', figure: 'activation', owed: atMost(80) },
  { name: 'click to usable input', unit: 'ms', figure: 'click', owed: times(1.5) },
  { name: 'host memory over an empty host', unit: 'MB', figure: 'host memory', overEmpty: true, owed: above(30) },
  { name: 'webview heap, empty chat', unit: 'MB', figure: 'heap empty', owed: atMost(8) },
  { name: 'webview heap, 200 turns', unit: 'MB', figure: 'heap many', owed: atMost(15) },
  { name: 'Enter to request at the server', unit: 'ms', figure: 'request', owed: atMost(30) },
  { name: 'Enter to request, 200 turns', unit: 'ms', figure: 'request many', owed: atMost(30) },
  { name: 'first byte to painted', unit: 'ms', figure: 'first paint', owed: times(1.5) },
  { name: '24 KB unthrottled: last byte to settled', unit: 'ms', figure: 'unthrottled settled', owed: times(4) },
  { name: '24 KB unthrottled: long tasks', unit: 'ms', figure: 'unthrottled long' },
  { name: '24 KB at 1,000/s: last byte to settled', unit: 'ms', figure: '1000 settled', owed: times(2) },
  { name: '24 KB at 1,000/s: long tasks', unit: 'ms', figure: '1000 long', owed: atMost(0) },
  { name: '24 KB at 1,000/s: host CPU', unit: 's', figure: '1000 host', owed: times(0.5) },
  { name: '24 KB at 1,000/s: webview CPU', unit: 's', figure: '1000 webview' },
  { name: '24 KB at 100/s: last byte to settled', unit: 'ms', figure: '100 settled' },
  { name: '24 KB at 100/s: long tasks', unit: 'ms', figure: '100 long' },
  { name: '24 KB at 100/s: host CPU', unit: 's', figure: '100 host' },
  { name: '24 KB at 100/s: webview CPU', unit: 's', figure: '100 webview', owed: times(1) },
  ...sizes.flatMap((size): Line[] => [
    { name: `open a ${nameOf(size)}: painted`, unit: 'ms', figure: `open ${size}`, owed: atMost(190) },
    { name: `open a ${nameOf(size)}: settled`, unit: 'ms', figure: `rest ${size}` },
  ]),
  { name: 'key press to paint, p95', unit: 'ms', figure: 'typing', owed: above(16) },
  { name: 'key press to paint, p95, 200 turns', unit: 'ms', figure: 'typing many', owed: above(16) },
  { name: 'key press to paint, p95, streaming', unit: 'ms', figure: 'typing streaming', owed: above(16) },
  { name: `${ofChats}: history to its first rows`, unit: 'ms', figure: 'chats open' },
  { name: `${ofChats}: history scrolled to its end`, unit: 'ms', figure: 'chats end' },
  { name: `${ofChats}: a word to the chat found by it`, unit: 'ms', figure: 'chats search' },
  { name: `${ofChats}: key press to paint, p95, searching`, unit: 'ms', figure: 'chats search typing' },
  { name: `${ofChats}: key press to paint, p95`, unit: 'ms', figure: 'chats typing' },
  { name: 'Stop to socket closed', unit: 'ms', figure: 'stop', owed: atMost(15) },
  ...chatCounts.flatMap((count): Line[] => {
    const chats = `${count.toLocaleString('en')} chats`
    return [
      { name: `store: open a database of ${chats}`, unit: 'ms', figure: `store open ${count}`, owed: atMost(100) },
      { name: `store: list the first of ${chats}`, unit: 'ms', figure: `store list ${count}`, owed: atMost(100) },
      { name: `store: list the last of ${chats}`, unit: 'ms', figure: `store end ${count}`, owed: atMost(100) },
      { name: `store: find a rare word in ${chats}`, unit: 'ms', figure: `store search ${count}`, owed: atMost(100) },
      { name: `store: find a common word in ${chats}`, unit: 'ms', figure: `store common ${count}`, owed: atMost(100) },
    ]
  }),
  { name: 'store: a page of 2,000 messages', unit: 'ms', figure: 'store page' },
  { name: 'store: the whole branch of 2,000', unit: 'ms', figure: 'store branch' },
  { name: 'store: the map of 2,000', unit: 'ms', figure: 'store tree' },
  { name: 'store: one more message', unit: 'ms', figure: 'store append' },
  { name: 'store: write an answer of 1 MB', unit: 'ms', figure: 'store 1 MB write' },
  { name: 'store: read an answer of 1 MB', unit: 'ms', figure: 'store 1 MB read' },
  { name: 'store: find a word in an answer of 1 MB', unit: 'ms', figure: 'store 1 MB find' },
  { name: 'usage page: all of 1,000,000 requests', unit: 'ms', figure: 'usage all', owed: atMost(300) },
  { name: 'usage page: 30 days of 1,000,000 requests', unit: 'ms', figure: 'usage month', owed: atMost(300) },
  { name: 'usage: the cost of today', unit: 'ms', figure: 'usage today' },
]

export function median(samples: readonly number[] | undefined): Value {
  if (!samples || samples.length === 0) return undefined
  const sorted = [...samples].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const pair = [sorted[Math.ceil(middle) - 1] ?? NaN, sorted[Math.floor(middle)] ?? NaN]
  return ((pair[0] ?? NaN) + (pair[1] ?? NaN)) / 2
}

export function rowOf(line: Line, samples: { [Subject in Name]: Samples }): Row {
  const base = line.overEmpty ? median(samples.none[line.figure]) : 0
  const over = (value: Value): Value => (value === undefined || base === undefined ? undefined : value - base)
  const bare = over(median(samples.bare[line.figure]))
  const panelist = over(median(samples.panelist[line.figure]))
  const most = line.owed?.most(bare)
  const all = samples.panelist[line.figure]?.map((sample) => over(sample) ?? NaN)
  return {
    line: line.name,
    unit: line.unit,
    bare,
    panelist,
    ratio: bare !== undefined && bare > 0 && panelist !== undefined ? panelist / bare : undefined,
    owed: line.owed?.text ?? '',
    met: most === undefined || panelist === undefined ? undefined : panelist <= most,
    range: all && all.length > 1 ? [Math.min(...all), Math.max(...all)] : undefined,
  }
}
