/** edit_file: exact-match edits of one file or of several, in one step. */
import type { Change, Edited, Workspace } from '../../ports.ts'
import type { Tool, ToolContext, ToolOutcome } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, pathProperty } from '../define.ts'
import { count } from '../text.ts'
import { Previewed } from './approved.ts'
import type { Edits, Target } from './edited-files.ts'
import { changesIn, opened, pathsOf, targetsOf } from './edited-files.ts'
import { applyChanges, EditsRefused, lineFeeds } from './replacements.ts'
import { afterwards, previewPath } from './report.ts'

export function editFile(workspace: Workspace): Tool {
  const previewed = new Previewed()
  return builtIn<Edits>({
    name: 'edit_file',
    title: 'Edit file',
    description:
      'Changes parts of text files of the workspace: each edit replaces old_text, which must stand in its file exactly once, blanks and indentation included, by new_text. ' +
      'Edits of several files that belong together are made by one call: give them their path. ' +
      'All edits happen together or not at all, but the person may reject single files; each is looked for in its file as it is before the call, and they must not overlap. ' +
      'Read the files first, and give just enough lines around a change to make old_text unique. Encoding and line endings stay.',
    properties: {
      path: pathProperty('The file of all edits that have no path of their own.'),
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
            path: {
              type: 'string',
              minLength: 1,
              maxLength: 4096,
              description: 'The file of this edit, where it is another than `path` of the call.',
            },
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
    required: ['edits'],
    effect: 'write',
    divisible: true,
    describe: (input) => {
      const { length } = input.edits
      return `Edit ${namesOf(pathsOf(input))}${length === 1 ? '' : ` (${count(length, 'edit')})`}`
    },
    async preview(input) {
      const changed = told(await opened(workspace, input), (target) => ({
        ...target,
        after: applyChanges(target.text, changesIn(target.text, target)),
      }))
      // Each edit by itself: links may lead so elsewhere by the time of the run that two files have become one, or one two.
      for (const { edits, place, text } of changed) for (const { edit } of edits) previewed.note(edit, place, text)
      return {
        kind: 'edits',
        files: changed.map(({ place, text, after }) => {
          return { path: previewPath(workspace, place), before: lineFeeds(text), after: lineFeeds(after) }
        }),
      }
    },
    run: (input, context) => run(workspace, previewed, input, context),
  })
}

async function run(
  workspace: Workspace,
  previewed: Previewed,
  input: Edits,
  { rejected }: Pick<ToolContext, 'rejected'>,
): Promise<ToolOutcome> {
  const targets = await targetsOf(workspace, input)
  const accepted = targets.filter(({ place }) => !rejected?.has(previewPath(workspace, place)))
  const made = accepted.map((target) => {
    const note = { target, wanted: '', places: 0 }
    const change = (text: string): Change[] => {
      for (const { edit } of target.edits) previewed.check(edit, target.place, text)
      const changes = changesIn(text, target)
      note.wanted = applyChanges(text, changes)
      note.places = changes.length
      return changes
    }
    return { note, edit: { uri: target.place.uri, change } }
  })
  try {
    const edited = await workspace.edit(made.map(({ edit }) => edit))
    return said(made.map(({ note }, at) => sentence(note, edited[at])).join('\n'))
  } catch (error) {
    if (error instanceof EditsRefused) return couldNot(error.message)
    throw error
  }
}

type Made = { target: Target; wanted: string; places: number }

function sentence({ target, wanted, places }: Made, edited: Edited | undefined): string {
  return `Edited ${target.place.shown} in ${count(places, 'place')}.${edited ? afterwards(edited, wanted) : ''}`
}

/** Of all files, or everything that is wrong with any of them. */
function told<T, R>(items: readonly T[], work: (item: T) => R): R[] {
  const problems: string[] = []
  const done = items.flatMap((item) => {
    try {
      return [work(item)]
    } catch (error) {
      if (!(error instanceof EditsRefused)) throw error
      problems.push(error.message)
      return []
    }
  })
  if (problems.length > 0) throw new EditsRefused(problems.join('\n\n'))
  return done
}

/** Longer lists are cut, in files. */
const NAMED = 3

function namesOf(paths: readonly string[]): string {
  const named = paths.length > NAMED ? paths.slice(0, NAMED - 1) : paths
  const more = paths.length - named.length
  const names = more > 0 ? [...named, `${more} more files`] : named
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
