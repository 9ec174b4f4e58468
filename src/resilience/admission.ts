/**
 * What must be passed before a request goes out: limits of rate, budgets. Each gate may let it through, make it wait, or
 * refuse it. What a gate holds for a request (a place in a window, money) it gives as a ticket, which is settled exactly
 * once, whatever comes of the request.
 */
import type { ConversationId } from '../shared/conversation.ts'
import type { Failure } from '../shared/failure.ts'
import type { Usage } from '../shared/message.ts'
import type { ProviderId } from '../shared/model.ts'
import type { Aside } from './deadline.ts'

/** Whom a request goes to. `keyProfile` is a name, never a key; absent where there is no key. */
export type Target = { provider: ProviderId; model: string; keyProfile?: string }

/** What a model must be able to do to take a request. */
export type Needs = { tools?: true; images?: true; pdfs?: true }

export type Asking = {
  /** The id of its record, and of what is held for it. */
  request?: string
  target: Target
  /** Absent where it is not known. */
  needs?: Needs
  conversation?: ConversationId
  /** The agent's id. */
  agent?: string
  /** Folder URI. */
  workspace?: string
  /** An estimate, in tokens, of everything that is sent. */
  inputTokens: number
  /** Tokens. Absent: the model's own limit. */
  maxOutputTokens?: number
  /** A person wants it now: what a provider only asks for, and nobody has set, holds it back no longer. */
  anyway?: true
  /** What it may cost at most, in USD. Absent where the price is unknown. */
  estimate?: number
  /** Shared by all attempts at one answer: what a person lets one of them do, the next may do too. */
  attemptAt?: object
  /** Who was asked in vain for the same answer: there is no use in turning to them once more. */
  tried?: readonly { target: Target }[]
  /** Milliseconds that are left for its answer now; undefined where nothing limits that. */
  left?(): number | undefined
  /** What is held for it, where its estimate is a mere guess: what it comes to where that is as far off as it may be. */
  held?: { inputTokens: number; cost?: number }
  /** It is for this model alone: another key may stand in, another model may not. */
  sameModel?: true
  /** Neither may. */
  alone?: true
}

/**
 * What is waited for, as a sentence for a person, and until when (epoch milliseconds) where that is known. `now`: lets the
 * request go at once, where a person may have that.
 */
export type Wait = { until?: number; sentence: string; now?(): void }

/** The headers of a provider's answer, by lower-case names. */
export type RateHeaders = { get(name: string): string | null }

/**
 * What came of a request. All absent: it was stopped before anything is known of it. `unsent`: it never went out. `cost`:
 * USD, absent where unknown.
 */
export type Outcome = { usage?: Usage; cost?: number; failure?: Failure; headers?: RateHeaders; unsent?: true }

/** `settle` is called exactly once for each ticket, also when the request was stopped. It must not throw. */
export type Ticket = { settle(outcome: Outcome): void }

export interface Gate {
  /** For the log. */
  readonly name: string
  /**
   * Resolves when the request may go on, or with why it may not. `waiting` is told what is waited for each time that
   * changes, and undefined when nothing is any more. Never rejects. Ends at once when the signal is aborted: what it then
   * gives only counts as far as a ticket is settled. `aside` stands around each question to a person.
   */
  enter(
    request: Asking,
    signal: AbortSignal,
    waiting: (why: Wait | undefined) => void,
    aside?: Aside,
  ): Promise<Ticket | Failure>
}

export function isTicket(entered: Ticket | Failure): entered is Ticket {
  return 'settle' in entered
}

/**
 * Passes the gates in their order. The ticket stands for all of theirs and settles them in the opposite order. What was
 * passed already is given back where a later gate refuses or the signal is aborted; undefined then for an abort.
 */
export async function admit(
  gates: readonly Gate[],
  request: Asking,
  signal: AbortSignal,
  waiting: (why: Wait | undefined) => void,
  aside?: Aside,
): Promise<Ticket | Failure | undefined> {
  const all = new Tickets()
  for (const gate of gates) {
    if (signal.aborted) break
    const entered = await entering(gate.enter(request, signal, waiting, aside), all)
    waiting(undefined)
    if (isTicket(entered)) all.add(entered)
    else if (!signal.aborted) {
      all.settle({ unsent: true })
      return entered
    }
  }
  if (!signal.aborted) return all
  all.settle({ unsent: true })
  return undefined
}

/** A gate that breaks, against its contract, leaves nothing open that was passed before it. */
async function entering(gate: Promise<Ticket | Failure>, passed: Ticket): Promise<Ticket | Failure> {
  try {
    return await gate
  } catch (error) {
    passed.settle({ unsent: true })
    throw error
  }
}

/** Settles each of its tickets once, however often it is settled itself. */
class Tickets implements Ticket {
  #tickets: Ticket[] = []

  add(ticket: Ticket): void {
    this.#tickets.unshift(ticket)
  }

  settle(outcome: Outcome): void {
    const tickets = this.#tickets
    this.#tickets = []
    for (const ticket of tickets) ticket.settle(outcome)
  }
}
