/** What MCP servers ask of the person while they run. The host keeps each question until it is answered or taken back. */
import type { ConversationId } from '../conversation.ts'
import type { FormEntries, FormField } from '../form.ts'
import type { Empty } from './empty.ts'

/** Somebody else's message to a model. `files`: how many go with it. */
export type SampleMessage = { role: 'user' | 'assistant'; text: string; files: number }

/**
 * `form`: to be filled in. `page`: to be opened; `host` is whose page it is. `sample`: a model is to be asked, at the
 * person's cost; tokens, and USD at most. `sampled`: what the model said is to go to the server.
 */
export type QuestionBody =
  | { kind: 'form'; message: string; fields: FormField[] }
  | { kind: 'page'; message: string; host: string; address: string }
  | {
      kind: 'sample'
      model: string
      provider: string
      input: number
      output: number
      cost?: number
      system?: string
      messages: SampleMessage[]
      stops?: string[]
    }
  | { kind: 'sampled'; model: string; text: string; cost?: number; cut?: 'limit' | 'stop' }

/** `call`: the call of `conversation` that runs meanwhile, where it is the only one of the server's. */
export type QuestionView = {
  id: string
  server: string
  conversation?: ConversationId
  call?: string
  /** What the person filled in so far, as a page told it before it was destroyed. */
  draft?: FormEntries
  body: QuestionBody
}

/** `accept`: submit, open, allow once or send. `decline`: no. `cancel`: neither, for now. */
export type QuestionAnswer = { action: 'accept'; entries?: FormEntries } | { action: 'decline' | 'cancel' }

export type QuestionEvent =
  /** All that is asked now, oldest first. */
  { type: 'questions'; questions: QuestionView[] }

export type QuestionRequests = {
  /** Refused in a sentence where it cannot be sent, or where nobody asks any more. */
  'answer-question': [{ id: string; answer: QuestionAnswer }, Empty]
  /** What stands in a form now, so that it outlives a page that is hidden. */
  'keep-answer': [{ id: string; entries: FormEntries }, Empty]
}
