/** What a comparison costs at most, before anything of it is asked. */
import type { BenchmarkPlan, BenchmarkPrompt } from '../../shared/benchmark.ts'
import { modelKey } from '../../shared/benchmark.ts'
import type { Price } from '../../shared/model.ts'
import type { BenchmarkEstimate } from '../../shared/protocol.ts'
import { estimateTokens } from '../../shared/tokens.ts'
import { mostCost } from '../../usage/cost.ts'
import { JUDGE_INSTRUCTIONS, JUDGE_OUTPUT_TOKENS, judgeWords } from './judge.ts'

/** What roles and separators add to a request, in tokens. */
const AROUND = 12

export type Priced = { name: string; price?: Price }

/** Every answer as long as it may get. `known` holds the plan's models, by `modelKey`. */
export function estimateOf(
  { models, repeats, judge }: BenchmarkPlan,
  prompts: readonly BenchmarkPrompt[],
  known: ReadonlyMap<string, Priced>,
): BenchmarkEstimate {
  const unpriced = new Set<string>()
  let most = 0
  const add = (key: string, input: number, output: number): void => {
    const { name, price } = known.get(key) ?? { name: key }
    const cost = mostCost(input, output, price)
    if (cost === undefined) unpriced.add(name)
    else most += cost * repeats
  }
  let judgements = 0
  for (const { prompt, system = '', maxOutputTokens, checks } of prompts) {
    const input = AROUND + estimateTokens(system) + estimateTokens(prompt)
    for (const model of models) {
      add(modelKey(model), input, maxOutputTokens)
      if (!judge) continue
      for (const check of checks) {
        if (check.kind !== 'judge') continue
        judgements += repeats
        const words = estimateTokens(JUDGE_INSTRUCTIONS) + estimateTokens(judgeWords(prompt, check.criteria, ''))
        add(modelKey(judge), AROUND + words + maxOutputTokens, JUDGE_OUTPUT_TOKENS)
      }
    }
  }
  const commands = prompts.flatMap(({ checks }) => checks.flatMap((one) => (one.kind === 'command' ? one.command : [])))
  return {
    requests: models.length * prompts.length * repeats,
    judgements,
    most,
    unpriced: [...unpriced],
    commands: [...new Set(commands)],
  }
}

/** Whether more may be spent than was said. Who was told that a price is unknown was told of no bound. */
export function isDearer(now: BenchmarkEstimate, said: BenchmarkEstimate): boolean {
  if (now.requests > said.requests || now.judgements > said.judgements) return true
  if (now.unpriced.length < said.unpriced.length) return false
  return now.unpriced.length > said.unpriced.length || now.most > said.most * (1 + 1e-9)
}
