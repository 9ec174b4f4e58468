/** `finish_reason` as a stop. Servers have words of their own; one we do not know is an ordinary end, its word kept. */
import type { Stop } from '../../shared/message.ts'

/** `calls`: whether the answer holds tool calls, which some servers end with `stop`. `refusal`: the text of one. */
export function stopOf(raw: string, { calls, refusal }: { calls: boolean; refusal: string }): Stop {
  switch (raw) {
    case 'length':
    case 'max_tokens':
      return { kind: 'limit', of: 'output', raw }
    case 'model_length':
      return { kind: 'limit', of: 'context', raw }
    case 'content_filter':
    case 'safety':
      return { kind: 'refused', category: raw, ...(refusal !== '' && { why: refusal }), raw }
    case 'insufficient_system_resource': {
      const message = 'The provider ran out of capacity in the middle of the answer. What arrived is kept. Try again.'
      return { kind: 'failed', failure: { code: 'overloaded', message }, raw }
    }
    default:
      if (calls) return { kind: 'tools', raw }
      return refusal === '' ? { kind: 'done', raw } : { kind: 'refused', why: refusal, raw }
  }
}
