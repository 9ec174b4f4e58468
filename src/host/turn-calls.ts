/** The calls of one answer as they stand, and what a person is asked about them. */
import type { CallView } from '../shared/protocol.ts'
import type { ApprovalDecision, CallEvent } from '../shared/tool-state.ts'

/** The most live output of one call that a page which comes late is given, in UTF-16 units. */
const LATE_OUTPUT = 64_000

export class TurnCalls {
  readonly #calls = new Map<string, CallView>()
  readonly #questions = new Map<string, (decision: ApprovalDecision) => void>()

  get views(): CallView[] {
    return [...this.#calls.values()]
  }

  /** Another answer is written. Whoever is asked is asked still. */
  clear(): void {
    this.#calls.clear()
  }

  /** True where the call stands otherwise now. */
  hear(event: CallEvent): boolean {
    const known = this.#calls.get(event.callId)
    if (event.type !== 'state') {
      if (known) known.output = (known.output + event.text).slice(-LATE_OUTPUT)
      return false
    }
    this.#calls.set(event.callId, { callId: event.callId, state: event.state, output: known?.output ?? '' })
    return event.state.kind !== known?.state.kind
  }

  /** What the person decides; an abort denies it. */
  ask(callId: string, signal: AbortSignal): Promise<ApprovalDecision> {
    return new Promise((resolve) => {
      const settled = (decision: ApprovalDecision): void => {
        this.#questions.delete(callId)
        resolve(decision)
      }
      this.#questions.set(callId, settled)
      signal.addEventListener('abort', () => settled({ kind: 'deny' }), { once: true })
    })
  }

  /** False where nobody is asked about this call any more. */
  decide(callId: string, decision: ApprovalDecision): boolean {
    const answer = this.#questions.get(callId)
    answer?.(decision)
    return answer !== undefined
  }
}
