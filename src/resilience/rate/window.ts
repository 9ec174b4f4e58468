/** What went out within the last minute, and when the next may. Times are epoch milliseconds. */
import { MINUTE } from '../../shared/rate.ts'

export { MINUTE }

/** How many requests and tokens a minute may hold; absent: any number. */
export type MinuteLimit = { requests?: number; tokens?: number }

export type Sent = { readonly at: number; readonly tokens: number }

/**
 * The earliest time from `from` on at which a request of so many tokens fits into the minute that ends with it. `sent` in
 * order of time, none of them later than `from`. A minute is half open: what went out exactly a minute ago is no part of it.
 * A request bigger than the limit goes alone.
 */
export function earliest(sent: readonly Sent[], { requests, tokens }: MinuteLimit, size: number, from: number): number {
  let at = from
  if (requests !== undefined) {
    const blocking = sent.at(-Math.max(1, requests))
    if (blocking && sent.length >= requests) at = Math.max(at, blocking.at + MINUTE)
  }
  if (tokens === undefined) return at
  let sum = size
  for (let place = sent.length - 1; place >= 0; place--) {
    const one = sent[place]!
    sum += one.tokens
    // Everything up to this one has to be a minute old.
    if (sum > tokens && one.tokens > 0) return Math.max(at, one.at + MINUTE)
  }
  return at
}
