/** What becomes of a request whose window died before its end. */
import type { Amount } from '../../shared/ledger.ts'
import type { AssistantMessage, Usage } from '../../shared/message.ts'
import type { RequestBegun, RequestRecord } from '../../shared/usage-record.ts'

/** `amount`: absent where it cannot be told; then it is what was held. */
export type Interruption = { record: RequestRecord; usage: Usage; amount?: Amount }

/** From a request and what had come of its answer, which has failed where it has no end of its own. Pure. */
export type SettleInterrupted = (request: RequestBegun, answer: AssistantMessage) => Interruption
