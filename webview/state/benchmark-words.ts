/** What a comparison says: measures, their words, and how long their bars are. */
import type { BenchmarkRow } from '../../src/shared/benchmark.ts'
import type { BenchmarkEstimate, BenchmarkSummary } from '../../src/shared/protocol.ts'
import { clock, day, dollars, seconds } from '../format.ts'

export type Measure = {
  key: string
  title: string
  /** What is better, where that is not plain. */
  hint: string
  /** Undefined where it was not measured. */
  value(row: BenchmarkRow): number | undefined
  /** The longest bar there can be; absent: the largest value that is shown. */
  most?: number
  words(row: BenchmarkRow): string
}

const NONE = '–'
const rounded = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)))

export const measures: Measure[] = [
  {
    key: 'first',
    title: 'First token',
    hint: 'median, less is better',
    value: ({ firstTokenMs }) => firstTokenMs,
    words: ({ firstTokenMs: value }) => (value === undefined ? NONE : value < 1000 ? `${value} ms` : seconds(value)),
  },
  {
    key: 'rate',
    title: 'Speed',
    hint: 'median, more is better',
    value: ({ rate }) => rate,
    words: ({ rate }) => (rate === undefined ? NONE : `${rounded(rate)} tok/s`),
  },
  {
    key: 'cost',
    title: 'Cost',
    hint: 'of all answers',
    value: ({ cost, unpriced, asked }) => (asked === 0 || (unpriced > 0 && cost === 0) ? undefined : cost),
    words: ({ cost, unpriced, asked }) =>
      asked === 0 ? NONE : unpriced === 0 ? dollars(cost) : cost === 0 ? 'unknown' : `at least ${dollars(cost)}`,
  },
  {
    key: 'checks',
    title: 'Checks passed',
    hint: 'more is better',
    value: ({ passed, checked }) => (checked === 0 ? undefined : passed / checked),
    most: 1,
    words: ({ passed, checked }) => (checked === 0 ? NONE : `${passed} of ${checked}`),
  },
  {
    key: 'score',
    title: 'Judged',
    hint: 'by a model, mean of 0 to 10',
    value: ({ score }) => score,
    most: 10,
    words: ({ score, judged }) => (score === undefined ? NONE : `${score.toFixed(1)} (${judged})`),
  },
  {
    key: 'failed',
    title: 'Failures',
    hint: 'less is better',
    value: ({ failed, asked }) => (asked === 0 ? undefined : failed / asked),
    most: 1,
    words: ({ failed, retried, asked }) =>
      asked === 0 ? NONE : `${failed} of ${asked}${retried > 0 ? `, ${retried} tried again` : ''}`,
  },
]

/** Percent of the longest; what is above nothing can be seen. */
export function shareOf(value: number | undefined, most: number): number {
  if (value === undefined || value <= 0 || most <= 0) return 0
  return Math.max(1, (value / most) * 100)
}

export function runName({ startedAt, endedAt, stopped }: BenchmarkSummary, running: boolean): string {
  const end = running ? ', runs' : stopped ? ', stopped' : endedAt === undefined ? ', not finished' : ''
  return `${day(startedAt)}, ${clock(startedAt)}${end}`
}

/** What keeps two runs from being compared as they are; empty where nothing does. */
export function unlike(other: BenchmarkSummary, run: BenchmarkSummary): string {
  const names = (one: BenchmarkSummary): string => JSON.stringify(one.prompts.toSorted())
  const asked = `${count(other.prompts.length, 'prompt')} (${other.prompts.join(', ')}), ${times(other.repeats)} each`
  const isSame = other.repeats === run.repeats && names(other) === names(run)
  const { judgedBy: judge } = other
  return [
    ...(isSame ? [] : [` It asked ${asked}: its sums are of other answers.`]),
    ...(judge === undefined || judge === run.judgedBy ? [] : [` Its judge was ${judge}.`]),
  ].join('')
}

export const times = (repeats: number): string => (repeats === 1 ? 'once' : `${repeats} times`)

export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** What a run costs, before it starts. */
export function costWords({ requests, judgements, most, unpriced }: BenchmarkEstimate): string {
  const asked = `${count(requests, 'request')}${judgements > 0 ? ` and ${count(judgements, 'judgement')}` : ''}`
  const more = 'What fails and is tried again adds to that.'
  if (unpriced.length === 0) return `${asked}, at most ${dollars(most)}. ${most > 0 ? more : ''}`.trim()
  const known = most > 0 ? `at most ${dollars(most)} for what has a price` : 'cost unknown'
  return `${asked}, ${known}. No price is known for ${unpriced.join(', ')}. ${most > 0 ? more : ''}`.trim()
}
