/**
 * Fits a branch to the window of a model. What goes out is within the limit and whole: no call without its result, and
 * always the last words of the person and what is pinned. The cut stays where it was as long as the window allows; where
 * it must move it moves far, so that it then stands still for many turns and a provider's cache of the prompt holds.
 */
import type { Message } from '../../shared/message.ts'
import type { Reader } from '../request.ts'
import { toMessages } from '../request.ts'
import type { Cut, Digest, Item } from './cut.ts'
import { mayBegin, turnStarts, unitStart, whole } from './cut.ts'
import { viewOf } from './view.ts'

/** A request that has to be cut comes down to this share of the limit. */
export const TARGET = 0.7

export type FitInput = {
  items: readonly Item[]
  /** Tokens of the whole request, the answer not among them. */
  limit: number
  /** Tokens of a request with these messages: the system prompt and the tools are part of it. */
  size(messages: readonly Message[]): number
  /** Where the last request of the same model began. */
  before?: Cut
  /** What stands for the beginning, where there is a summary of it. */
  digest?: Digest
  reader?: Reader
}

/** `stood`: where the request would begin if it did not have to move. `moved`: it begins elsewhere than the last one. */
export type Fit = { cut: Cut; tokens: number; stood: number; moved: boolean }

/** Undefined where not even the last message fits. */
export function fit(input: FitInput): Fit | undefined {
  const { limit, digest } = input
  const standing = standingCut(input)
  const stood = standing.from
  const origin = baseOn(input, whole)
  const again = within(input, origin, limit * TARGET)
  if (again && standing.from + standing.short > origin.from + origin.short) return { ...again, stood, moved: true }
  const same = within(input, standing, limit)
  if (same) return { ...same, stood, moved: false }
  const cut = firstOf(input, standing) ?? (digest && firstOf(input, input.before ?? whole))
  return cut && { ...cut, stood, moved: true }
}

/** Tokens of the request if nothing more were left out of it than of the last. */
export function standingTokens(input: FitInput): number {
  return sizeOf(input, standingCut(input))
}

function standingCut(input: FitInput): Cut {
  return baseOn(input, input.before ?? whole)
}

/** A summary stands for all up to its last message, so that nothing before that is sent but the last words of the person. */
function baseOn({ items, digest }: FitInput, cut: Cut): Cut {
  const through = digest ? items.findIndex(({ id }) => id === digest.through) : -1
  const words = items.findLastIndex(({ message }) => message.role === 'user')
  const covered = Math.min(through + 1, words < 0 ? items.length - 1 : words)
  const from = unitStart(items, Math.max(0, cut.from, covered))
  return { from, short: cut.short, ...(digest && through >= 0 && { digest }) }
}

type Sized = Pick<Fit, 'cut' | 'tokens'>

function within(input: FitInput, cut: Cut, most: number): Sized | undefined {
  const tokens = sizeOf(input, cut)
  return tokens <= most ? { cut, tokens } : undefined
}

function sizeOf({ items, limit, size, reader }: FitInput, cut: Cut): number {
  return size(toMessages(viewOf(items, cut, limit).messages, reader))
}

/** The mildest cut after `standing` that fits: whole turns go first, then old results of the last turn, then its steps. */
function firstOf(input: FitInput, standing: Cut): Sized | undefined {
  const { items } = input
  const starts = turnStarts(items).filter((at) => at > standing.from)
  const turns = starts.map((from): Cut => ({ ...standing, from }))
  const last = turns.at(-1) ?? standing
  const results = placesOf(items, last.from, (at) => items[at]?.message.role === 'tool' && at >= last.short)
  const shorter = results.map((at): Cut => ({ ...last, short: at + 1 }))
  const shortest = shorter.at(-1) ?? last
  const steps = placesOf(items, last.from + 1, (at) => mayBegin(items, at)).map((from): Cut => ({ ...shortest, from }))
  return (
    firstWithin(input, turns) ??
    firstWithin(input, shorter.slice(0, -1)) ??
    firstWithin(input, shorter.slice(-1)) ??
    firstWithin(input, steps)
  )
}

/** The first that comes down to the target, else the last, if it fits at all. */
function firstWithin(input: FitInput, cuts: readonly Cut[]): Sized | undefined {
  const target = input.limit * TARGET
  // Each is smaller than the one before, but for a few words between: looked for by halves, then step by step.
  let [low, high] = [0, cuts.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sizeOf(input, cuts[middle]!) <= target) high = middle
    else low = middle + 1
  }
  for (const cut of cuts.slice(low)) {
    const found = within(input, cut, target)
    if (found) return found
  }
  const last = cuts.at(-1)
  return last && within(input, last, input.limit)
}

function placesOf(items: readonly Item[], from: number, wanted: (at: number) => boolean): number[] {
  return Array.from({ length: Math.max(0, items.length - from) }, (_, place) => from + place).filter(wanted)
}
