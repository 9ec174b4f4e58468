/** The header of a Markdown file: YAML between two lines of `---`. */
import type { Document } from 'yaml'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { FileProblem } from '../../shared/agent.ts'
import { isObject } from '../../shared/json.ts'
import { setField } from './set-field.ts'

export type Fields = Record<string, unknown>

export type MarkdownFile = {
  fields: Fields
  /** The text below the header, without blank lines around it. */
  body: string
  problems: FileProblem[]
  /** The line a top field, or one of a map below it, stands in; counted from 0. */
  lineOf(...path: string[]): number | undefined
}

type Split = { head: string; body: string; closed: boolean } | undefined

/** More repetition than this is no header that a person wrote. */
const MOST_ALIASES = 50

/** Where the header ends. The first line of a header is line 1 of the file: line 0 is its `---`. */
function split(text: string): Split {
  const open = /^---[ \t]*\r?\n/.exec(text)
  if (!open) return undefined
  const rest = text.slice(open[0].length)
  const close = /^---[ \t]*(?:\r?\n|$)/m.exec(rest)
  if (!close) return { head: '', body: text, closed: false }
  return { head: rest.slice(0, close.index), body: rest.slice(close.index + close[0].length), closed: true }
}

/** Never throws: what cannot be read is a problem, and then there are no fields. */
export function readMarkdown(raw: string): MarkdownFile {
  const text = raw.replace(/^\uFEFF/, '')
  const parts = split(text)
  const none = (body: string, problems: FileProblem[] = []): MarkdownFile => ({
    fields: {},
    body: body.trim(),
    problems,
    lineOf: () => undefined,
  })
  if (!parts) return none(text)
  if (!parts.closed) return none(text, [{ line: 0, message: 'The header has no end: a line of --- is missing.' }])
  const lines = new LineCounter()
  const document = parseDocument(parts.head, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' })
  const at = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : lines.linePos(offset).line
  const problems = document.errors.map(({ message, pos }): FileProblem => {
    const line = at(pos[0])
    return { ...(line !== undefined && { line }), message: `The header is no YAML: ${firstLine(message)}` }
  })
  if (problems.length > 0) return none(parts.body, problems)
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
    if (value !== null && value !== undefined && !isObject(value))
      return none(parts.body, [{ line: 1, message: 'The header holds no fields: write them as “name: value”.' }])
    const lineOf = (...path: string[]): number | undefined => at(offsetOf(document, path))
    return { fields: value ?? {}, body: parts.body.trim(), problems: [], lineOf }
  } catch {
    return none(parts.body, [{ line: 1, message: 'The header repeats itself too often to be read.' }])
  }
}

/**
 * The file with these fields set, those below another named with a dot; undefined takes one away. Whatever else it holds
 * stays: other fields, comments, the text, the kind of line ends, and where it can be done, every letter of the rest. A
 * file without a header gets one. Throws a sentence where the header cannot be read.
 */
export function withFields(raw: string, changes: Fields): string {
  const bom = raw.startsWith('\uFEFF') ? '\uFEFF' : ''
  const text = raw.slice(bom.length)
  const end = /\r\n/.test(text) ? '\r\n' : '\n'
  const parts = split(text)
  let head = parts?.closed ? parts.head : ''
  const { errors, contents } = parseDocument(head, { prettyErrors: false, logLevel: 'silent' })
  if (parts?.closed === false || errors.length > 0 || (contents && !isMap(contents)))
    throw new Error('The header of this file cannot be read. Mend it first.')
  for (const [name, value] of Object.entries(changes)) {
    const path = name.split('.')
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
    head = (isPlain ? setField(head, path, value as string, end) : undefined) ?? writtenAnew(head, path, value, end)
  }
  return `${bom}---${end}${head}---${end}${parts ? parts.body : text}`
}

function writtenAnew(head: string, path: readonly string[], value: unknown, end: string): string {
  const document = parseDocument(head, { prettyErrors: false, logLevel: 'silent' })
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, typeof value === 'object' ? document.createNode(value) : value)
  const isEmpty = !isMap(document.contents) || document.contents.items.length === 0
  return isEmpty ? '' : document.toString({ lineWidth: 0 }).replace(/\r?\n/g, end)
}

const firstLine = (message: string): string => message.split('\n')[0] ?? ''

function offsetOf(document: Document.Parsed, path: readonly string[]): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const name of path) {
    if (!isMap(node)) return offset
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === name)
    if (!pair) return offset
    offset = isScalar(pair.key) ? pair.key.range?.[0] : offset
    node = pair.value
  }
  return offset
}
