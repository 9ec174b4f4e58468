/** What is wrong with the text of a file, as its writer is told. */
import type { FileProblem } from '../../shared/agent.ts'
import { parseAgent } from './agent-file.ts'
import type { FileKind } from './field-help.ts'
import { parseInstructions } from './instruction-file.ts'
import { parsePrompt } from './prompt-file.ts'

const nowhere = { name: '', path: '', uri: '', place: 'user' } as const

export function problemsOf(kind: FileKind, text: string): FileProblem[] {
  if (kind === 'agent') return parseAgent(text, { ...nowhere, id: '' }).problems
  if (kind === 'prompt') return parsePrompt(text, nowhere).problems
  return parseInstructions(text, { ...nowhere, kind: 'instructions' }).problems
}
