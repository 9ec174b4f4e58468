/** Answers that go on from each other are drawn as one: the text of the later ones stands where the first of it does. */
import { joinTexts, meeting } from '../../src/shared/join.ts'
import type { AssistantMessage } from '../../src/shared/message.ts'
import type { BlockView } from '../../src/shared/view.ts'
import type { Entry } from './entry.svelte.ts'

type TextView = Extract<BlockView, { type: 'text' }>
/** `live`: it still grows. `citations`: of the parts that are whole. */
export type WholeText = { text: string; live: boolean; citations: NonNullable<TextView['citations']> }

const answerOf = (entry: Entry): AssistantMessage => entry.message as AssistantMessage

/** The place of the text of this answer that is drawn with the answer before it; -1 where there is none. */
export function drawnBefore(steps: readonly Entry[], entry: Entry): number {
  const before = steps[steps.indexOf(entry) - 1]
  return (before && meeting(answerOf(before), answerOf(entry))?.start) ?? -1
}

/** The text at `place` of this answer, with what the answers after it add. */
export function wholeText(steps: readonly Entry[], entry: Entry, place: number, block: TextView): WholeText {
  const isLive = (one: Entry, at: number): boolean => one.live && one.isOpen(at)
  const whole = { text: block.text, live: isLive(entry, place), citations: whenDone(block, isLive(entry, place)) }
  let [before, end] = [entry, place]
  for (const after of steps.slice(steps.indexOf(entry) + 1)) {
    const met = meeting(answerOf(before), answerOf(after))
    if (met?.end !== end) break
    const next = after.content[met.start] as TextView
    const live = isLive(after, met.start)
    whole.text = joinTexts(whole.text, next.text, answerOf(after).goesOn!, live)
    whole.live ||= live
    whole.citations = [...whole.citations, ...whenDone(next, live)]
    ;[before, end] = [after, met.start]
  }
  return whole
}

const whenDone = ({ citations }: TextView, live: boolean): WholeText['citations'] => (live ? [] : (citations ?? []))
