/** A piece of context as a text file of the message: its name is what the model reads over it. */
import { Buffer } from 'node:buffer'
import type { ContextFacts, ReadFile } from '../../shared/protocol.ts'
import { harmless } from '../../tools/budget.ts'

/** UTF-16 units of one piece. */
export const LARGEST_PIECE = 120_000

/** `name`: what it is, for the model; `facts`: the same for the person. */
export function asContext(name: string, text: string, facts: ContextFacts): ReadFile {
  const whole = harmless(text)
  const shown = whole.length > LARGEST_PIECE ? `${whole.slice(0, LARGEST_PIECE).toWellFormed()}\n[cut here]` : whole
  return { name, data: Buffer.from(shown).toString('base64'), context: facts }
}

export function filesTaken(...files: ReadFile[]): { kind: 'files'; files: ReadFile[] } {
  return { kind: 'files', files }
}
