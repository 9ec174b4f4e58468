/** Why Google stopped, in our words. */
import type { Json, JsonObject } from '../../shared/json.ts'
import { isObject } from '../../shared/json.ts'
import type { Stop } from '../../shared/message.ts'

/** What Google does not let the model say. */
const REFUSED = /^(IMAGE_)?(SAFETY|RECITATION|PROHIBITED_CONTENT)$|^(LANGUAGE|BLOCKLIST|SPII)$/

const BROKEN_CALLS: Record<string, string> = {
  MALFORMED_FUNCTION_CALL: 'The model wrote a tool call that cannot be read, so it was not run.',
  UNEXPECTED_TOOL_CALL: 'The model called a tool that it was not given, so nothing was run.',
  TOO_MANY_TOOL_CALLS: 'The model called too many tools one after the other, so Google stopped it.',
  MISSING_THOUGHT_SIGNATURE: 'Google found a tool call in the conversation without the signature it came with.',
  MALFORMED_RESPONSE: 'The model wrote an answer that Google itself could not read.',
}

/** The stop of a candidate. `called`: it holds calls for us to run. */
export function stopOf(candidate: JsonObject, called: boolean): Stop {
  const raw = String(candidate.finishReason)
  const why = typeof candidate.finishMessage === 'string' ? candidate.finishMessage : undefined
  if (raw === 'MAX_TOKENS') return { kind: 'limit', of: 'output', raw }
  if (REFUSED.test(raw)) {
    const reason = why ?? ratingsIn(candidate.safetyRatings)
    return { kind: 'refused', category: raw, ...(reason ? { why: reason } : {}), raw }
  }
  const broken = BROKEN_CALLS[raw]
  if (broken) {
    const message = `${broken} Try again, or choose another model.`
    return { kind: 'failed', failure: { code: 'malformed', message, ...(why ? { detail: why } : {}) }, raw }
  }
  return { kind: called ? 'tools' : 'done', raw }
}

/** The stop of a question that was not let through, or undefined where it was. */
export function blockedStop(feedback: Json | undefined): Stop | undefined {
  if (!isObject(feedback) || typeof feedback.blockReason !== 'string') return undefined
  const raw = feedback.blockReason
  const told = feedback.blockReasonMessage
  const why = typeof told === 'string' && told ? told : ratingsIn(feedback.safetyRatings)
  return { kind: 'refused', category: raw, ...(why ? { why } : {}), raw }
}

/** The kinds of harm that Google blocked, as it names them. */
function ratingsIn(ratings: Json | undefined): string | undefined {
  const all = Array.isArray(ratings) ? ratings.filter(isObject) : []
  const blocked = all.filter((rating) => rating.blocked === true).map(({ category }) => String(category))
  return blocked.length > 0 ? blocked.join(', ') : undefined
}
