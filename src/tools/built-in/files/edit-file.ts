/** edit_file: exact-match edits of one file, all or none. */
import type { Place, Workspace } from '../../ports.ts'
import { NotText } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, pathProperty } from '../define.ts'
import { count } from '../text.ts'
import { Previewed } from './approved.ts'
import { applyChanges, changesFor, EditsRefused, lineFeeds } from './replacements.ts'
import { afterwards, previewPath } from './report.ts'
import { whatIsThere } from './similar.ts'
import { writable } from './write-file.ts'

type Input = { path: string; edits: { old_text: string; new_text: string; all?: boolean }[] }

export function editFile(workspace: Workspace): Tool {
  const previewed = new Previewed()
  const open = async (path: string): Promise<{ place: Place; text: string }> => {
    const place = await writable(workspace, path)
    if (!(await workspace.stat(place.uri)))
      throw new Error(`${await whatIsThere(workspace, place)} write_file makes new files.`)
    try {
      return { place, text: (await workspace.readText(place.uri)).text }
    } catch (error) {
      if (error instanceof NotText) throw new Error(`${place.shown} is a binary file and cannot be edited.`)
      throw error
    }
  }
  return builtIn<Input>({
    name: 'edit_file',
    title: 'Edit file',
    description:
      'Changes parts of one text file of the workspace: each edit replaces old_text, which must stand in the file exactly once, blanks and indentation included, by new_text. ' +
      'Several edits happen together or not at all; each is looked for in the file as it is before the call, and they must not overlap. ' +
      'Read the file first, and give just enough lines around a change to make old_text unique. Encoding and line endings stay.',
    properties: {
      path: pathProperty('The file.'),
      edits: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        description: 'Example: [{"old_text": "const limit = 10", "new_text": "const limit = 20"}].',
        items: {
          type: 'object',
          required: ['old_text', 'new_text'],
          additionalProperties: false,
          properties: {
            old_text: {
              type: 'string',
              minLength: 1,
              description: 'The text to replace, exactly as in the file, without line numbers.',
            },
            new_text: { type: 'string', description: 'What to put in its place. Empty: the text goes.' },
            all: { type: 'boolean', default: false, description: 'Replace every place where old_text stands.' },
          },
        },
      },
    },
    required: ['path', 'edits'],
    effect: 'write',
    describe: ({ path, edits }) => `Edit ${path}${edits.length === 1 ? '' : ` (${count(edits.length, 'edit')})`}`,
    async preview(input) {
      const { place, text } = await open(input.path)
      const after = applyChanges(text, changesOf(text, input, place))
      previewed.note(input, place, text)
      return {
        kind: 'edits',
        files: [{ path: previewPath(workspace, place), before: lineFeeds(text), after: lineFeeds(after) }],
      }
    },
    async run(input) {
      const { place } = await open(input.path)
      let [wanted, changed] = ['', 0]
      try {
        const edited = await workspace.edit(place.uri, (text) => {
          previewed.check(input, place, text)
          const changes = changesOf(text, input, place)
          wanted = applyChanges(text, changes)
          changed = changes.length
          return changes
        })
        return said(`Edited ${place.shown} in ${count(changed, 'place')}.${afterwards(edited, wanted)}`)
      } catch (error) {
        if (error instanceof EditsRefused) return couldNot(error.message)
        throw error
      }
    },
  })
}

function changesOf(text: string, { edits }: Input, place: Place) {
  try {
    return changesFor(
      text,
      edits.map(({ old_text: oldText, new_text: newText, all }) => ({
        oldText,
        newText,
        ...(all !== undefined && { all }),
      })),
    )
  } catch (error) {
    if (!(error instanceof EditsRefused)) throw error
    throw new EditsRefused(`${place.shown} was not changed. ${error.message}`)
  }
}
