/** Models compared on the same prompts: what is asked, how answers are checked, and what came of it. */
import type { FailureCode } from './failure.ts'
import type { JsonObject } from './json.ts'
import type { ProviderId } from './model.ts'

export type BenchmarkModel = { provider: ProviderId; model: string }

/** How one answer is judged. All but `judge` and `command` need nobody else. */
export type BenchmarkCheck =
  | { kind: 'contains'; text: string; ignoreCase?: true }
  | { kind: 'regex'; pattern: string; flags?: string }
  | { kind: 'json-schema'; schema: JsonObject }
  /** Gets the answer on its standard input; exit code 0 passes. */
  | { kind: 'command'; command: string }
  /** A model gives 0 to 10 for it; `atLeast` of them pass. */
  | { kind: 'judge'; criteria: string; atLeast: number }

/** `name` is unique in its set. */
export type BenchmarkPrompt = {
  name: string
  prompt: string
  system?: string
  /** Tokens. */
  maxOutputTokens: number
  checks: BenchmarkCheck[]
}

/** What to run: prompts by their names, each `repeats` times for each model. */
export type BenchmarkPlan = { models: BenchmarkModel[]; prompts: string[]; repeats: number; judge?: BenchmarkModel }

/** `passed` absent: it could not be checked, and `why` says so. `score`: of a judging model, 0 to 10. */
export type CheckResult = { kind: BenchmarkCheck['kind']; passed?: boolean; why?: string; score?: number }

/** One answer. It holds neither prompt nor answer. */
export type BenchmarkResult = BenchmarkModel & {
  prompt: string
  /** From 1. */
  repeat: number
  /** Epoch milliseconds. */
  startedAt: number
  /** Milliseconds, of the attempt that counted. Absent where nothing came. */
  firstTokenMs?: number
  durationMs: number
  /** Tokens, as the provider counts them. */
  output: number
  /** Part of `output`. Absent: none. */
  reasoning?: number
  /** USD of all attempts. Absent means unknown. */
  cost?: number
  attempts: number
  failure?: { code: FailureCode; message: string }
  checks: CheckResult[]
  /** USD that judging it cost. Absent: it was not judged, or that is unknown. */
  judgeCost?: number
}

/** `names` of its models, as people call them. Without `endedAt` it runs, or its window is gone. */
export type BenchmarkRun = BenchmarkPlan & {
  id: string
  /** Epoch milliseconds. */
  startedAt: number
  endedAt?: number
  stopped?: true
  names: Record<string, string>
  results: BenchmarkResult[]
}

/** One model in one run. Times are medians by the nearest rank, in milliseconds and tokens a second. */
export type BenchmarkRow = BenchmarkModel & {
  name: string
  /** Requests that came to an end. */
  asked: number
  failed: number
  /** Attempts that failed before one worked, or nothing more was tried. */
  retried: number
  firstTokenMs?: number
  rate?: number
  /** USD of the answers whose cost is known; `unpriced`: how many others there are. */
  cost: number
  unpriced: number
  /** Checks that were made without a judging model. */
  passed: number
  checked: number
  /** Mean of what a judging model gave, 0 to 10, over `judged` answers. */
  score?: number
  judged: number
}

/** The key of a model in a run's `names`. */
export const modelKey = ({ provider, model }: BenchmarkModel): string => `${provider}/${model}`
