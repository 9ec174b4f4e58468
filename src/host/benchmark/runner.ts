/**
 * One comparison from its first request to its last check. Providers are asked side by side, each of them one request after
 * another, so that no request disturbs the speed of the next; checks come when nothing is asked any more, for the same
 * reason. Never rejects for what a provider does.
 */
import { setImmediate as others } from 'node:timers/promises'
import type {
  BenchmarkCheck,
  BenchmarkModel,
  BenchmarkPrompt,
  BenchmarkResult,
  BenchmarkRun,
  CheckResult,
} from '../../shared/benchmark.ts'
import { checkAnswer } from './check.ts'
import { JUDGE_INSTRUCTIONS, JUDGE_OUTPUT_TOKENS, judgeWords, verdictIn } from './judge.ts'

export type Question = Pick<BenchmarkPrompt, 'prompt' | 'system' | 'maxOutputTokens'>

/** `text` is empty where nothing came. */
export type Asked = Pick<
  BenchmarkResult,
  'startedAt' | 'firstTokenMs' | 'durationMs' | 'output' | 'reasoning' | 'cost' | 'attempts' | 'failure'
> & { text: string }

export type RunnerParts = {
  /** Undefined where it was aborted. */
  ask(model: BenchmarkModel, question: Question, signal: AbortSignal): Promise<Asked | undefined>
  /** Runs a command with the answer on its standard input. Absent where no command may run. */
  command?: (command: string, answer: string, signal: AbortSignal) => Promise<CheckResult>
  now(): number
  /** The run has grown. */
  changed(doing: 'asking' | 'checking', done: number, of: number): void
}

type Task = { model: BenchmarkModel; prompt: BenchmarkPrompt; repeat: number }
type Answered = { result: BenchmarkResult; prompt: BenchmarkPrompt; text: string }

/** Fills in the run. It is ended when this settles, and `stopped` where the signal was aborted before. */
export async function runBenchmark(
  run: BenchmarkRun,
  prompts: readonly BenchmarkPrompt[],
  parts: RunnerParts,
  signal: AbortSignal,
): Promise<void> {
  const lanes = lanesOf(run, prompts)
  const of = lanes.reduce((sum, lane) => sum + lane.length, 0)
  const answered: Answered[] = []
  parts.changed('asking', 0, of)
  await Promise.all(
    lanes.map(async (lane) => {
      for (const { model, prompt, repeat } of lane) {
        if (signal.aborted) return
        const asked = await parts.ask(model, prompt, signal)
        if (!asked) continue
        const { text, ...measured } = asked
        const { provider, model: id } = model
        const result = { provider, model: id, prompt: prompt.name, repeat, ...measured, checks: [] }
        run.results.push(result)
        answered.push({ result, prompt, text })
        parts.changed('asking', answered.length, of)
      }
    }),
  )
  await checkAll(run, answered, parts, signal)
  if (signal.aborted) run.stopped = true
  run.endedAt = parts.now()
}

/** By provider. Models take turns, so that a slow minute of the network hits all of them. */
function lanesOf({ models, repeats }: BenchmarkRun, prompts: readonly BenchmarkPrompt[]): Task[][] {
  const lanes = new Map<string, Task[]>()
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const prompt of prompts) {
      for (const model of models) {
        const lane = lanes.get(model.provider) ?? []
        lanes.set(model.provider, lane)
        lane.push({ model, prompt, repeat })
      }
    }
  }
  return [...lanes.values()]
}

/** Answers for which a pattern may take too long before it is given up. */
const PATIENCE = 3
const GIVEN_UP = 'The pattern took too long for other answers.'

/** What was stopped is still checked as far as that costs nothing. */
async function checkAll(
  run: BenchmarkRun,
  answered: readonly Answered[],
  parts: RunnerParts,
  signal: AbortSignal,
): Promise<void> {
  const overlong = new Map<BenchmarkCheck, number>()
  const due = answered.filter(({ result, prompt }) => !result.failure && prompt.checks.length > 0)
  for (const [done, { result, prompt, text }] of due.entries()) {
    parts.changed('checking', done, due.length)
    for (const check of prompt.checks) {
      const checked =
        check.kind === 'judge'
          ? await judged(run, result, prompt, check, text, parts, signal)
          : await checkedHere(check, text, parts, signal, overlong)
      result.checks.push(checked)
    }
  }
  if (due.length > 0) parts.changed('checking', due.length, due.length)
}

async function checkedHere(
  check: Exclude<BenchmarkCheck, { kind: 'judge' }>,
  text: string,
  { command }: RunnerParts,
  signal: AbortSignal,
  overlong: Map<BenchmarkCheck, number>,
): Promise<CheckResult> {
  if (check.kind !== 'command') {
    // A pattern may hold the host for half a second: whatever else there is comes between two of them.
    await others()
    const before = overlong.get(check) ?? 0
    if (before === PATIENCE) return { kind: check.kind, why: GIVEN_UP }
    const result = await checkAnswer(check, text)
    if (check.kind === 'regex' && result.passed === undefined) overlong.set(check, before + 1)
    return result
  }
  if (!command) return { kind: 'command', why: 'No command may run here.' }
  return signal.aborted ? { kind: 'command', why: STOPPED } : command(check.command, text, signal)
}

async function judged(
  { judge }: BenchmarkRun,
  result: BenchmarkResult,
  { prompt }: BenchmarkPrompt,
  { criteria, atLeast }: Extract<BenchmarkCheck, { kind: 'judge' }>,
  text: string,
  { ask }: RunnerParts,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (!judge) return { kind: 'judge', why: 'No judging model was chosen.' }
  const question: Question = {
    system: JUDGE_INSTRUCTIONS,
    prompt: judgeWords(prompt, criteria, text),
    maxOutputTokens: JUDGE_OUTPUT_TOKENS,
  }
  const asked = signal.aborted ? undefined : await ask(judge, question, signal)
  if (!asked) return { kind: 'judge', why: STOPPED }
  if (asked.cost !== undefined) result.judgeCost = (result.judgeCost ?? 0) + asked.cost
  return asked.failure ? { kind: 'judge', why: asked.failure.message } : verdictIn(asked.text, atLeast)
}

const STOPPED = 'It was stopped before this was checked.'
