/** The edits of one call by the files that they are in, each looked for in its file as it is. */
import type { Change, Place, Workspace } from '../../ports.ts'
import { NotText } from '../../ports.ts'
import { changesFor, EditsRefused } from './replacements.ts'
import { whatIsThere } from './similar.ts'
import { writable } from './write-file.ts'

/** `path`: where it is in another file than the call names. */
export type Edit = { path?: string; old_text: string; new_text: string; all?: boolean }
export type Edits = { path?: string; edits: Edit[] }

/** A file, and the edits of it with their numbers in the call, from 1. */
export type Target = { place: Place; edits: { edit: Edit; number: number }[] }
export type Opened = Target & { text: string }

/** The paths as the model gave them, in the order of the edits. Throws where an edit has none. */
export function pathsOf({ path, edits }: Edits): string[] {
  const paths = edits.map((edit, at) => {
    const own = edit.path ?? path
    if (own === undefined) throw new EditsRefused(`Edit ${at + 1} names no path, and the call names none for all.`)
    return own
  })
  return [...new Set(paths)]
}

/** The files of a call, those of one place together. Throws what is wrong with any of them, all told at once. */
export async function targetsOf(workspace: Workspace, input: Edits): Promise<Target[]> {
  const targets = new Map<string, Target>()
  const byPath = new Map<string, Target>()
  const problems: string[] = []
  for (const path of pathsOf(input)) {
    try {
      const place = await writable(workspace, path)
      const target = targets.get(place.uri) ?? { place, edits: [] }
      targets.set(place.uri, target)
      byPath.set(path, target)
    } catch (error) {
      problems.push(wordsOf(error))
    }
  }
  if (problems.length > 0) throw new EditsRefused(problems.join('\n\n'))
  input.edits.forEach((edit, at) => {
    byPath.get(edit.path ?? input.path ?? '')?.edits.push({ edit, number: at + 1 })
  })
  return [...targets.values()]
}

/** With their texts. Throws like `targetsOf`. */
export async function opened(workspace: Workspace, input: Edits): Promise<Opened[]> {
  const targets = await targetsOf(workspace, input)
  const tried = await Promise.allSettled(targets.map((target) => open(workspace, target)))
  const problems = tried.flatMap((one) => (one.status === 'rejected' ? [wordsOf(one.reason)] : []))
  if (problems.length > 0) throw new EditsRefused(problems.join('\n\n'))
  return tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

async function open(workspace: Workspace, target: Target): Promise<Opened> {
  const { place } = target
  if (!(await workspace.stat(place.uri)))
    throw new Error(`${await whatIsThere(workspace, place)} write_file makes new files.`)
  try {
    return { ...target, text: (await workspace.readText(place.uri)).text }
  } catch (error) {
    if (error instanceof NotText) throw new Error(`${place.shown} is a binary file and cannot be edited.`)
    throw error
  }
}

/** What the edits make of one file's text. Throws `EditsRefused` in words that name the file. */
export function changesIn(text: string, { place, edits }: Target): Change[] {
  try {
    return changesFor(
      text,
      edits.map(({ edit: { old_text: oldText, new_text: newText, all }, number }) => {
        return { oldText, newText, number, ...(all !== undefined && { all }) }
      }),
    )
  } catch (error) {
    if (!(error instanceof EditsRefused)) throw error
    throw new EditsRefused(`${place.shown} was not changed. ${error.message}`)
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
