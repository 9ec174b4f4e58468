/** The page that compares models. */
import type { BenchmarkCheck, BenchmarkPlan, BenchmarkResult, BenchmarkRow, BenchmarkRun } from '../benchmark.ts'
import type { ApprovalDecision, ApprovalRequest } from '../tool-state.ts'
import type { Empty } from './empty.ts'

/** A run with what it comes to for each of its models. */
export type BenchmarkSummary = Omit<BenchmarkRun, 'results' | 'models' | 'names'> & {
  rows: BenchmarkRow[]
  /** The name of the model that judged. */
  judgedBy?: string
  /** USD that judging cost, where something was judged and that is known. */
  judgeCost?: number
}

export type BenchmarkView = {
  prompts: { name: string; text: string; checks: BenchmarkCheck['kind'][] }[]
  /** What is wrong with the file of prompts, in sentences. */
  problems: string[]
  /** Why no command is run as a check. */
  noCommands?: string
  /** A command that may run once the person says so; the run begins then. */
  asking?: ApprovalRequest
  running?: { run: string; doing: 'asking' | 'checking'; done: number; of: number }
  /** Newest first. */
  runs: BenchmarkSummary[]
}

/** What a plan comes to. */
export type BenchmarkEstimate = {
  /** Without judging and without repetitions after failures. */
  requests: number
  judgements: number
  /** USD, at most, of all models whose price is known. */
  most: number
  /** The names of those whose price is unknown. */
  unpriced: string[]
  /** What is run on this machine. */
  commands: string[]
}

/** What `benchmark` answered before is stale. */
export type BenchmarkEvent = { type: 'benchmark-changed' }

export type BenchmarkRequests = {
  benchmark: [Empty, BenchmarkView]
  'benchmark-estimate': [BenchmarkPlan, BenchmarkEstimate]
  /** `started`: false where the person was asked whether commands may run, and said no. */
  'benchmark-start': [BenchmarkPlan, { started: boolean }]
  'benchmark-stop': [Empty, Empty]
  /** What the person says of the command that is asked about. */
  'benchmark-decide': [{ callId: string; decision: ApprovalDecision }, Empty]
  /** Opens the file of prompts in the editor. */
  'benchmark-edit': [Empty, Empty]
  'benchmark-remove': [{ run: string }, Empty]
  /** Every answer of a run. */
  'benchmark-results': [{ run: string }, BenchmarkResult[]]
}
