/** What a person is told where a conversation is longer than the window. */
import type { Failure } from '../../shared/failure.ts'
import type { Chosen } from '../../shared/protocol.ts'

const nameOf = ({ info, model }: Chosen): string => info?.name ?? model
const whole = (count: number): string => Math.round(count).toLocaleString('en-US')

/** `limit`: tokens of a request to this model. */
export function tooLong(chosen: Chosen, limit: number): Failure {
  return {
    code: 'context-length',
    message: `Nothing was sent: your message, with the system prompt, the tools and what is always sent, is longer than the ${whole(limit)} tokens that ${nameOf(chosen)} can read beside its answer. Shorten the message, remove attachments, switch tools off, or choose a model with a larger context window.`,
  }
}

export function notSent(chosen: Chosen): Failure {
  return {
    code: 'context-length',
    message: `Nothing was sent: the conversation is longer than ${nameOf(chosen)} can read. Choose a model with a larger context window, start a new chat, or try again and let older messages go.`,
  }
}

export function refused({ providerLabel }: Chosen): string {
  return `${providerLabel} said that the conversation was too long, so it was shortened and sent once more.`
}

/** `why`: the rest of a sentence. */
export function withoutSummary(why: string): string {
  const reason = why.trim().replace(/[.\s]+$/, '')
  return `The summary could not be written: ${reason}. The oldest messages were left out instead.`
}
