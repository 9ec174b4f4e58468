/** The Anthropic Messages stream, as far as a text answer needs it. */

const frame = (event: { type: string } & Record<string, unknown>): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

export function opening(model: string): string {
  const usage = { input_tokens: 100, output_tokens: 1 }
  const empty = { content: [], stop_reason: null, stop_sequence: null, usage }
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model, ...empty }
  return (
    frame({ type: 'message_start', message }) +
    frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
  )
}

export const delta = (text: string): string =>
  frame({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })

export function closing(tokens: number): string {
  const usage = { output_tokens: tokens }
  return (
    frame({ type: 'content_block_stop', index: 0 }) +
    frame({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }) +
    frame({ type: 'message_stop' })
  )
}

export const modelList = {
  data: [{ type: 'model', id: 'bench', display_name: 'Bench', created_at: '2026-01-01T00:00:00Z' }],
  has_more: false,
  first_id: 'bench',
  last_id: 'bench',
}
