/** write_file: a whole file, new or replaced. */
import type { Change, Place, Workspace } from '../../ports.ts'
import { NotText } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, pathProperty } from '../define.ts'
import { locate } from '../paths.ts'
import { bytes, count } from '../text.ts'
import { Previewed } from './approved.ts'
import { lineFeeds } from './replacements.ts'
import { afterwards, previewPath } from './report.ts'

type Input = { path: string; content: string }

/** Bytes of a file that may be changed. */
const LARGEST = 10 * 1024 * 1024

export function writeFile(workspace: Workspace): Tool {
  const previewed = new Previewed()
  return builtIn<Input>({
    name: 'write_file',
    title: 'Write file',
    description:
      'Writes a whole text file of the workspace: makes it, with the folders above it, or replaces all that is in it. ' +
      'To change a part of a file use edit_file. Of a file that exists the encoding and the line endings stay.',
    properties: {
      path: pathProperty('The file.'),
      content: { type: 'string', maxLength: 2_000_000, description: 'The whole text.' },
    },
    required: ['path', 'content'],
    effect: 'write',
    describe: ({ path, content }) => `Write ${path} (${count(linesOf(content), 'line')})`,
    async preview(input) {
      const place = await writable(workspace, input.path)
      const before = await textAt(workspace, place)
      previewed.note(input, place, before)
      return {
        kind: 'edits',
        files: [
          {
            path: previewPath(workspace, place),
            ...(before !== undefined && { before: lineFeeds(before) }),
            after: lineFeeds(input.content),
          },
        ],
      }
    },
    async run(input) {
      const place = await writable(workspace, input.path)
      const before = await textAt(workspace, place)
      previewed.check(input, place, before)
      if (before === undefined) {
        const edited = await workspace.create(place.uri, input.content)
        return said(
          `Made ${place.shown} (${count(linesOf(edited.after), 'line')}).${afterwards(edited, input.content)}`,
        )
      }
      const change = (text: string): Change[] => {
        previewed.check(input, place, text)
        return wholly(text, input.content)
      }
      const [edited] = await workspace.edit([{ uri: place.uri, change }])
      if (!edited || edited.before === edited.after)
        return couldNot(`${place.shown} holds just that text already. Nothing changed.`)
      return said(
        `Replaced ${place.shown} (${count(linesOf(edited.after), 'line')}).${afterwards(edited, input.content)}`,
      )
    },
  })
}

/** Throws where there is something else than a text file. */
export async function writable(workspace: Workspace, path: string): Promise<Place> {
  const place = await locate(workspace, path)
  if (place.path === '') throw new Error(`${place.shown} is a folder.`)
  const stat = await workspace.stat(place.uri)
  if (stat?.kind === 'folder') throw new Error(`${place.shown} is a folder.`)
  if (stat && stat.size > LARGEST) throw new Error(`${place.shown} has ${bytes(stat.size)}, too much to be edited.`)
  return place
}

async function textAt(workspace: Workspace, place: Place): Promise<string | undefined> {
  if (!(await workspace.stat(place.uri))) return undefined
  try {
    return (await workspace.readText(place.uri)).text
  } catch (error) {
    if (error instanceof NotText) throw new Error(`${place.shown} is a binary file, which no text may replace.`)
    throw error
  }
}

/** One change between what both texts begin and end with, in the file's own line endings. */
function wholly(text: string, content: string): Change[] {
  const own = text.includes('\r\n') ? lineFeeds(content).replaceAll('\n', '\r\n') : lineFeeds(content)
  if (own === text) return []
  const most = Math.min(text.length, own.length)
  let start = 0
  while (start < most && text[start] === own[start]) start++
  // A change never parts the two units of a line break or of a character.
  while (start > 0 && /[\r\ud800-\udbff]/.test(own[start - 1] ?? '')) start--
  let end = 0
  while (end < most - start && text.at(-1 - end) === own.at(-1 - end)) end++
  while (end > 0 && /[\n\udc00-\udfff]/.test(own.at(-end) ?? '')) end--
  return [{ start, end: text.length - end, text: own.slice(start, own.length - end) }]
}

const linesOf = (text: string): number => (text === '' ? 0 : text.replace(/\n$/, '').split('\n').length)
