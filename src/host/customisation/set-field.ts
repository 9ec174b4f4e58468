/** Sets one field in the text of a header, and leaves every other letter of it alone. */
import { isDeepStrictEqual } from 'node:util'
import type { Document } from 'yaml'
import { isCollection, isMap, isScalar, parseDocument, stringify } from 'yaml'

type Value = string | number | boolean

const read = (head: string): Document.Parsed => parseDocument(head, { prettyErrors: false, logLevel: 'silent' })

/** Undefined where that cannot be done without writing the whole header anew. `end`: of its lines. */
export function setField(head: string, path: readonly string[], value: Value, end: string): string | undefined {
  const document = read(head)
  const written = replaced(document, head, path, value) ?? inserted(document, head, path, value, end)
  if (written === undefined) return undefined
  const wanted = read(head)
  wanted.setIn(path, value)
  const got = read(written)
  return got.errors.length === 0 && isDeepStrictEqual(got.toJS(), wanted.toJS()) ? written : undefined
}

const asYaml = (value: Value): string => stringify(value, { lineWidth: 0 }).trimEnd()

/** Where the field is there with a value on one line. */
function replaced(document: Document.Parsed, head: string, path: readonly string[], value: Value): string | undefined {
  const node: unknown = document.getIn(path, true)
  const isPlain = isScalar(node) || (isCollection(node) && node.flow === true)
  if (!isPlain || !node.range) return undefined
  const [from, to] = node.range
  const gap = from === to ? ' ' : ''
  return head.slice(0, from) + gap + asYaml(value) + head.slice(to)
}

/** Where it is not there: at the end, or as the first of what stands below its parent. */
function inserted(
  document: Document.Parsed,
  head: string,
  path: readonly string[],
  value: Value,
  end: string,
): string | undefined {
  if (document.hasIn(path)) return undefined
  const [name, below] = path
  const isBlock = document.contents === null || (isMap(document.contents) && document.contents.flow !== true)
  if (name === undefined || !isBlock) return undefined
  const parent: unknown = document.get(name, true)
  if (below !== undefined && isMap(parent)) {
    const key = parent.flow === true ? undefined : parent.items[0]?.key
    const at = isScalar(key) ? key.range?.[0] : undefined
    if (at === undefined) return undefined
    const line = head.lastIndexOf('\n', at - 1) + 1
    return `${head.slice(0, line)}${head.slice(line, at)}${below}: ${asYaml(value)}${end}${head.slice(line)}`
  }
  if (below !== undefined && parent !== undefined) return undefined
  const start = head === '' || head.endsWith('\n') ? head : head + end
  return below === undefined
    ? `${start}${name}: ${asYaml(value)}${end}`
    : `${start}${name}:${end}  ${below}: ${asYaml(value)}${end}`
}
