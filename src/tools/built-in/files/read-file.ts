/** read_file: lines of a text, or a picture. */
import type { Place, Workspace } from '../../ports.ts'
import { NotText } from '../../ports.ts'
import type { Tool, ToolOutcome } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate } from '../paths.ts'
import { bytes, head, pictured } from '../text.ts'
import { pictureType } from './pictures.ts'
import { whatIsThere } from './similar.ts'

type Input = { path: string; start_line?: number; end_line?: number; start_column?: number }

/** UTF-16 units of one answer, and of one line in it. */
const BUDGET = 40_000
const LINE = 2_000
/** Bytes. */
const LARGEST_TEXT = 20 * 1024 * 1024
const LARGEST_PICTURE = 5 * 1024 * 1024

export function readFile(workspace: Workspace): Tool {
  return builtIn<Input>({
    name: 'read_file',
    title: 'Read file',
    description:
      'Reads a text file of the workspace, with unsaved changes of open editors. Each line comes as its number, a tab and its text; ' +
      'the number and the tab are no part of the file. Long files come in parts, with a note on how to go on: give start_line and end_line to read just what you need. ' +
      'PNG, JPEG, GIF and WebP pictures come as pictures. Other binary files are refused.',
    properties: {
      path: pathProperty('The file.'),
      start_line: integerProperty('The first line to read, from 1.', { minimum: 1, default: 1 }),
      end_line: integerProperty('The last line to read. Without it: to the end, or as far as one answer holds.', {
        minimum: 1,
      }),
      start_column: integerProperty(`Where to begin in each line, from 1. For lines longer than ${LINE} characters.`, {
        minimum: 1,
        default: 1,
      }),
    },
    required: ['path'],
    effect: 'read',
    describe: ({ path, start_line: start, end_line: end }) =>
      `Read ${path}${start === undefined && end === undefined ? '' : `, lines ${start ?? 1} to ${end ?? 'the end'}`}`,
    async run(input) {
      const place = await locate(workspace, input.path)
      const stat = await workspace.stat(place.uri)
      if (!stat) return couldNot(await whatIsThere(workspace, place))
      if (stat.kind === 'folder') return couldNot(`${place.shown} is a folder. list_directory shows what is in it.`)
      if (stat.size > LARGEST_TEXT) {
        return couldNot(`${place.shown} has ${bytes(stat.size)}, too much to be read. search_text finds lines in it.`)
      }
      return (await picture(workspace, place, stat.size)) ?? text(workspace, place, input)
    },
  })
}

async function picture(workspace: Workspace, place: Place, size: number): Promise<ToolOutcome | undefined> {
  if (!/\.(png|jpe?g|gif|webp)$/i.test(place.path)) return undefined
  const content = await workspace.read(place.uri)
  const mediaType = pictureType(content)
  if (!mediaType) return undefined
  if (size > LARGEST_PICTURE) {
    return couldNot(`${place.shown} is a picture of ${bytes(size)}; at most ${bytes(LARGEST_PICTURE)} can be read.`)
  }
  const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64')
  const name = place.path.split('/').at(-1) ?? place.path
  return { output: [{ type: 'file', media: { mediaType, data }, name }] }
}

async function text(workspace: Workspace, place: Place, input: Input): Promise<ToolOutcome> {
  let file
  try {
    file = await workspace.readText(place.uri)
  } catch (error) {
    if (error instanceof NotText) return couldNot(`${place.shown} is a binary file and cannot be read as text.`)
    throw error
  }
  if (file.text === '') return said(`(${place.shown} is empty.)`)
  const lines = file.text.split(/\r\n|\n/)
  if (lines.at(-1) === '') lines.pop()
  const [start, end] = [input.start_line ?? 1, Math.min(input.end_line ?? lines.length, lines.length)]
  if (start > lines.length) return couldNot(`${place.shown} has ${lines.length} lines; there is no line ${start}.`)
  if (end < start) return couldNot(`end_line ${end} is before start_line ${start}.`)
  const { shown, last, clipped, controls } = numbered(lines, start, end, input.start_column ?? 1)
  const notes = [
    last < lines.length || start > 1 ? `Lines ${start} to ${last} of ${lines.length}.` : '',
    last < end ? `Go on with start_line ${last + 1}.` : '',
    clipped ? `Line ${clipped} and perhaps others are longer than shown; start_column reads on in them.` : '',
    controls ? 'Control characters are shown as pictures, like ␛ for escape.' : '',
    file.unsaved ? 'An editor holds unsaved changes of this file; this is the text with them.' : '',
  ].filter(Boolean)
  return said(notes.length > 0 ? `${shown}\n(${notes.join(' ')})` : shown)
}

/** As many whole lines as the budget holds, at least one. `clipped`: the first line that is cut. */
function numbered(lines: readonly string[], start: number, end: number, column: number) {
  const shown: string[] = []
  let [length, last, clipped, controls] = [0, start - 1, 0, false]
  while (last < end) {
    const line = lines[last] ?? ''
    const part = head(line.slice(column - 1), LINE)
    const safe = pictured(part)
    const numberedLine = `${last + 1}\t${safe}`
    if (shown.length > 0 && length + numberedLine.length > BUDGET) break
    if (line.length > column - 1 + part.length) clipped ||= last + 1
    controls ||= safe !== part
    shown.push(numberedLine)
    length += numberedLine.length + 1
    last++
  }
  return { shown: shown.join('\n'), last, clipped, controls }
}
