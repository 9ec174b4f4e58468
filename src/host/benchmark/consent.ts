/**
 * Whether the commands that check answers may run: asked one after another, by the rules and in the words of every tool that
 * runs commands. The page shows what is asked until it is answered.
 */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { shellKindOf } from '../../tools/command-line.ts'
import type { Approvals } from '../../tools/approvals.ts'
import type { Tool } from '../../tools/tool.ts'
import { couldNot } from '../../tools/tool.ts'
import type { ApprovalDecision, ApprovalRequest } from '../../shared/tool-state.ts'

/** Where checks run, and by which program: `spawn` with `shell: true`, see `command.ts`. */
export const CHECK_FOLDER = tmpdir()
const SHELL = shellKindOf(process.platform === 'win32' ? 'cmd.exe' : 'sh')

/** What a grant is for. No model is ever told of it. */
const CHECK: Tool = {
  name: 'check_answers',
  title: 'Check answers with a command',
  description: 'Gives each answer of a comparison of models to a command on its standard input, once for each answer.',
  inputSchema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
  source: { kind: 'built-in' },
  effect: 'run',
  describe: (input) => `Run ${String((input as { command: string }).command)}`,
  run: () => Promise.resolve(couldNot('This runs in comparisons only.')),
}

export type ConsentParts = {
  approvals(): Promise<Pick<Approvals, 'judge' | 'settle'>>
  /** What is asked is something else now. */
  changed(): void
}

type Asked = { request: ApprovalRequest; answered(decision: ApprovalDecision): void }

export class CommandConsent {
  readonly #parts: ConsentParts
  #asked: Asked | undefined
  /** Counts who was sent away, also while nothing was asked yet. */
  #refusals = 0

  constructor(parts: ConsentParts) {
    this.#parts = parts
  }

  get asking(): ApprovalRequest | undefined {
    return this.#asked?.request
  }

  /** True where every one of them may run. */
  async of(commands: readonly string[]): Promise<boolean> {
    const before = this.#refusals
    const approvals = await this.#parts.approvals()
    for (const command of commands) {
      const call = {
        callId: randomUUID(),
        tool: CHECK,
        input: { command },
        preview: { kind: 'command' as const, command, cwd: CHECK_FOLDER },
        summary: `Run ${command}`,
        conversation: '',
        shell: SHELL,
      }
      const verdict = await approvals.judge(call)
      if (this.#refusals !== before) return false
      if (verdict.kind === 'run') continue
      // A comparison is no conversation that something could be allowed for.
      const { conversation: _, ...offers } = verdict.request.offers
      const decision = await this.#answer({ ...verdict.request, offers })
      if (decision.kind !== 'once' && decision.kind !== 'always') return false
      if (!approvals.settle(verdict, decision, '')) return false
    }
    return true
  }

  /** An answer to what is asked no more changes nothing. */
  decide(callId: string, decision: ApprovalDecision): void {
    if (this.#asked?.request.callId === callId) this.#asked.answered(decision)
  }

  /** Nobody will answer. */
  refuse(): void {
    this.#refusals++
    this.#asked?.answered({ kind: 'deny' })
  }

  #answer(request: ApprovalRequest): Promise<ApprovalDecision> {
    return new Promise((resolve) => {
      const answered = (decision: ApprovalDecision): void => {
        this.#asked = undefined
        resolve(decision)
        this.#parts.changed()
      }
      this.#asked = { request, answered }
      this.#parts.changed()
    })
  }
}
