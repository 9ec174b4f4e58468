/** The comparisons of a window: one at a time, kept in the store as it goes on. Loaded when the page is first opened. */
import { randomUUID } from 'node:crypto'
import type {
  BenchmarkModel,
  BenchmarkPlan,
  BenchmarkPrompt,
  BenchmarkResult,
  BenchmarkRun,
} from '../../shared/benchmark.ts'
import { modelKey } from '../../shared/benchmark.ts'
import type { BenchmarkEstimate, BenchmarkView } from '../../shared/protocol.ts'
import type { ApprovalDecision } from '../../shared/tool-state.ts'
import { describe } from '../log.ts'
import { persist } from '../persist.ts'
import type { AskParts } from './ask.ts'
import { asker } from './ask.ts'
import { runCheck } from './command.ts'
import type { ConsentParts } from './consent.ts'
import { CommandConsent } from './consent.ts'
import { estimateOf, isDearer } from './estimate.ts'
import type { Priced } from './estimate.ts'
import { promptsIn } from './prompts.ts'
import type { PromptSet } from './prompts.ts'
import { runBenchmark } from './runner.ts'
import { summaryOf } from './statistics.ts'
import { usualPrompts } from './usual-prompts.ts'

/** What of the editor a comparison needs. */
export type BenchmarkDesk = {
  /** The person's file of prompts, which is made with these words where it is not there. */
  read(usual: () => string): Promise<string>
  edit(usual: () => string): Promise<void>
  /** False where nothing may run on this machine. */
  trusted(): boolean
}

export type BenchmarkParts = AskParts & {
  desk: BenchmarkDesk
  approvals: ConsentParts['approvals']
  /** What the page shows is another one now. */
  changed(): void
}

/** Runs that the page lists. */
const LISTED = 50
const MOST = { models: 12, repeats: 20, requests: 500 }
/** Changes are told and kept at most this often, in milliseconds. */
const TELL_MS = 100
const SAVE_MS = 2_000

/** Plans whose cost was said: a page asks with each change of what is chosen. */
const REMEMBERED = 50

const DEARER =
  'This costs more than was said: its prompts or prices have changed since. Look at the cost and start it again.'
const NO_COMMANDS = 'Commands run only in a workspace that is trusted.'

type Running = {
  run: BenchmarkRun
  stop: AbortController
  state: NonNullable<BenchmarkView['running']>
  savedAt: number
  saving?: NodeJS.Timeout | undefined
}

export class BenchmarkWindow {
  readonly #parts: BenchmarkParts
  readonly #consent: CommandConsent
  #running: Running | undefined
  readonly #removed = new Set<string>()
  /** What plans were said to cost, the newest last. */
  readonly #said = new Map<string, BenchmarkEstimate>()
  /** The person is being asked whether it may begin. */
  #beginning = false
  #telling: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: BenchmarkParts) {
    this.#parts = parts
    this.#consent = new CommandConsent({ approvals: parts.approvals, changed: () => parts.changed() })
  }

  async view(): Promise<BenchmarkView> {
    const { prompts, problems } = await this.#prompts()
    const runs = this.#parts.store().benchmarks.list(LISTED)
    const running = this.#running
    const all = running ? [running.run, ...runs.filter(({ id }) => id !== running.run.id)] : runs
    return {
      prompts: prompts.map(({ name, prompt, checks }) => ({
        name,
        text: prompt,
        checks: checks.map(({ kind }) => kind),
      })),
      problems,
      ...(!this.#parts.desk.trusted() && { noCommands: NO_COMMANDS }),
      ...(this.#consent.asking && { asking: this.#consent.asking }),
      ...(running && { running: running.state }),
      runs: all.map(summaryOf),
    }
  }

  async estimate(plan: BenchmarkPlan): Promise<BenchmarkEstimate> {
    const { prompts } = chosen(plan, await this.#prompts())
    const estimate = estimateOf(plan, prompts, await this.#known(plan))
    const key = JSON.stringify(plan)
    this.#said.delete(key)
    this.#said.set(key, estimate)
    const [oldest] = this.#said.keys()
    if (this.#said.size > REMEMBERED && oldest !== undefined) this.#said.delete(oldest)
    return this.#parts.desk.trusted() ? estimate : { ...estimate, commands: [] }
  }

  /** False where the person does not let the commands run. Throws why it cannot begin. */
  async start(plan: BenchmarkPlan): Promise<boolean> {
    if (this.#running || this.#beginning) throw new Error('A comparison runs already. Stop it, or wait for it.')
    this.#beginning = true
    try {
      const { prompts, models } = chosen(plan, await this.#prompts())
      const known = await this.#known(plan)
      // Of the prompts that will run: the file may be another one by now, saved in another window.
      const estimate = estimateOf(plan, prompts, known)
      const said = this.#said.get(JSON.stringify(plan))
      if (said && isDearer(estimate, said)) throw new Error(DEARER)
      const commands = this.#parts.desk.trusted() ? estimate.commands : []
      if (!(await this.#consent.of(commands)) || this.#closed) return false
      const run: BenchmarkRun = {
        id: randomUUID(),
        startedAt: Date.now(),
        models,
        prompts: prompts.map(({ name }) => name),
        repeats: plan.repeats,
        ...(plan.judge && { judge: plan.judge }),
        names: Object.fromEntries([...known].map(([key, { name }]) => [key, name])),
        results: [],
      }
      const state: Running['state'] = { run: run.id, doing: 'asking', done: 0, of: 0 }
      this.#running = { run, stop: new AbortController(), state, savedAt: 0 }
      // Trust may have gone while the person was asked.
      void this.#run(this.#running, prompts, commands.length > 0 && this.#parts.desk.trusted())
      return true
    } finally {
      this.#beginning = false
    }
  }

  /** Requests under way are ended at once. What there is already is kept. */
  stop(): void {
    this.#consent.refuse()
    this.#running?.stop.abort()
  }

  /** What the person says of the command that is asked about. */
  decide(callId: string, decision: ApprovalDecision): void {
    this.#consent.decide(callId, decision)
  }

  edit(): Promise<void> {
    return this.#parts.desk.edit(usualPrompts)
  }

  remove(run: string): void {
    if (this.#running?.run.id === run) throw new Error('This comparison still runs. Stop it first.')
    this.#removed.add(run)
    this.#parts.store().benchmarks.remove(run)
    this.#parts.changed()
  }

  results(run: string): BenchmarkResult[] {
    const running = this.#running?.run
    return (running?.id === run ? running : this.#parts.store().benchmarks.get(run))?.results ?? []
  }

  /** The window closes: what there is stays, as a run that did not come to its end. */
  dispose(): void {
    this.#closed = true
    clearTimeout(this.#telling)
    this.#consent.refuse()
    if (!this.#running) return
    this.#save(this.#running)
    this.stop()
  }

  async #run(running: Running, prompts: readonly BenchmarkPrompt[], commands: boolean): Promise<void> {
    const { run, stop, state } = running
    const ask = asker(this.#parts, () => stop.abort())
    try {
      await runBenchmark(
        run,
        prompts,
        {
          ask,
          ...(commands && { command: runCheck }),
          now: Date.now,
          changed: (doing, done, of) => {
            Object.assign(state, { doing, done, of })
            this.#saveSoon(running)
            this.#tell()
          },
        },
        stop.signal,
      )
    } catch (error) {
      this.#parts.log.error(`a comparison ended unexpectedly: ${describe(error)}`)
    }
    clearTimeout(running.saving)
    const { store, log } = this.#parts
    // Nothing follows that would write it down with it.
    persist(
      'a comparison',
      () => this.#removed.has(run.id) || store().benchmarks.put(run),
      log,
      () => this.#tell(),
    )
    this.#running = undefined
    this.#tell()
  }

  #saveSoon(running: Running): void {
    const since = Date.now() - running.savedAt
    if (since > SAVE_MS || since < 0) this.#save(running)
    else running.saving ??= setTimeout(() => this.#save(running), SAVE_MS - since).unref()
  }

  #save(running: Running): void {
    clearTimeout(running.saving)
    running.saving = undefined
    running.savedAt = Date.now()
    try {
      this.#parts.store().benchmarks.put(running.run)
    } catch (error) {
      this.#parts.log.error(`a comparison could not be written: ${describe(error)}`)
    }
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#parts.changed()
    }, TELL_MS)
  }

  async #prompts(): Promise<PromptSet> {
    try {
      return promptsIn(await this.#parts.desk.read(usualPrompts))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return { prompts: [], problems: [`The file of prompts cannot be read: ${why}`] }
    }
  }

  async #known({ models, judge }: BenchmarkPlan): Promise<Map<string, Priced>> {
    const all = judge ? [...models, judge] : models
    const entries = all.map(async (one): Promise<[string, Priced]> => {
      const info = await this.#parts.info(one.provider, one.model)
      return [modelKey(one), { name: info?.name ?? one.model, ...(info?.price && { price: info.price }) }]
    })
    return new Map(await Promise.all(entries))
  }
}

/** The prompts and models of a plan. Throws what is wrong with it, for the person. */
function chosen(
  { models, prompts: names, repeats }: BenchmarkPlan,
  { prompts }: PromptSet,
): { prompts: BenchmarkPrompt[]; models: BenchmarkModel[] } {
  const wanted = prompts.filter(({ name }) => names.includes(name))
  const each = [...new Map(models.map((one) => [modelKey(one), one])).values()]
  if (each.length === 0) throw new Error('Choose at least one model.')
  if (each.length > MOST.models) throw new Error(`Choose at most ${MOST.models} models.`)
  if (wanted.length === 0) throw new Error('Choose at least one prompt.')
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > MOST.repeats)
    throw new Error(`Ask each prompt 1 to ${MOST.repeats} times.`)
  if (wanted.length * each.length * repeats > MOST.requests)
    throw new Error(`These are more than ${MOST.requests} requests. Choose fewer models, prompts or repetitions.`)
  return { prompts: wanted, models: each }
}
