/** A file of instructions: for everything, or for the files its `applyTo` names. */
import type { FileProblem } from '../../shared/agent.ts'
import { FieldReader } from './fields.ts'
import { readMarkdown } from './front-matter.ts'
import { globsOf, isForAll, finderOf } from './globs.ts'

/** The kinds that can be switched off, as `panelist.instructions.files` names them. */
export const INSTRUCTION_KINDS = ['agents', 'nestedAgents', 'claude', 'copilot', 'instructions'] as const
export type InstructionKind = (typeof INSTRUCTION_KINDS)[number]

export type InstructionFile = {
  kind: InstructionKind
  place: 'workspace' | 'user'
  path: string
  uri: string
  text: string
  description?: string
  /** Present where it is for some files only. */
  globs?: string[]
  /** The place of the first of these files of the workspace (paths with `/`) that it is for, -1 where it is for none. */
  firstOf(paths: readonly string[]): number
  /** True where it holds whatever is talked of. */
  always: boolean
  problems: FileProblem[]
}

export type InstructionSource = Pick<InstructionFile, 'kind' | 'place' | 'path' | 'uri'>

/** Never throws. `applyTo` counts for `*.instructions.md` alone: without it they are for whoever reads them himself. */
export function parseInstructions(text: string, source: InstructionSource): InstructionFile {
  const file = readMarkdown(text)
  const reader = new FieldReader(file)
  const description = reader.text('description')
  const applyTo = source.kind === 'instructions' ? reader.texts('applyTo', false) : [scopeOf(source)]
  const globs = applyTo?.flatMap(globsOf) ?? []
  const always = isForAll(globs)
  return {
    ...source,
    text: file.body,
    always,
    firstOf: always ? () => 0 : finderOf(globs),
    problems: file.problems,
    ...(description !== undefined && { description }),
    ...(globs.length > 0 && !always && { globs }),
  }
}

/** A file in a folder below is for what is in that folder. */
function scopeOf({ kind, path }: InstructionSource): string {
  return kind === 'nestedAgents' ? `/${path.slice(0, path.lastIndexOf('/'))}/**` : '**'
}
