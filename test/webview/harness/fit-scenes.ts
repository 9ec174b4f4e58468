/** A chat that does not fit into the window of its model. */
import type { Fitted } from '../../../src/shared/conversation.ts'
import type { Counted, FitQuestion, SummaryView } from '../../../src/shared/protocol.ts'
import type { MessageView } from '../../../src/shared/view.ts'

export const summary: SummaryView = {
  id: 's1',
  through: 'a2',
  messages: 6,
  text: 'The person builds a ring buffer in TypeScript.\n\n- Capacity is fixed, the oldest item is dropped.\n- `push` is tested; `flush` is open.',
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  tokens: 480,
  cost: 0.0041,
}

export const question: FitQuestion = {
  id: 'q1',
  messages: 24,
  tokens: 231_000,
  limit: 136_000,
  model: 'Claude Sonnet 4.5',
  summariser: 'Claude Haiku 4.5',
}

export const counted: Counted = {
  tokens: 84_200,
  message: 120,
  exact: false,
  cost: 0.25,
  parts: { system: 1_200, tools: 9_400, files: 21_000, history: 52_600, answer: 64_000 },
}

/** With what the last of these answers left out. */
export function cut(messages: MessageView[], fitted: Fitted): MessageView[] {
  const at = messages.findLastIndex(({ message }) => message.role === 'assistant')
  return messages.map((message, place) => (place === at ? { ...message, fitted } : message))
}
