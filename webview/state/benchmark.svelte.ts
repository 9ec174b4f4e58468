/** The page that compares models: what is chosen for the next run, what that costs, and which runs are shown. */
import type { BenchmarkModel, BenchmarkPlan, BenchmarkResult } from '../../src/shared/benchmark.ts'
import { modelKey } from '../../src/shared/benchmark.ts'
import type { BenchmarkEstimate, BenchmarkSummary, BenchmarkView } from '../../src/shared/protocol.ts'
import type { ApprovalDecision } from '../../src/shared/tool-state.ts'
import type { Bridge } from '../bridge.ts'
import { PageStore } from './page-store.svelte.ts'

export class BenchmarkStore extends PageStore<BenchmarkView> {
  models: BenchmarkModel[] = $state.raw([])
  /** Prompts that are left out, by name. */
  left: readonly string[] = $state.raw([])
  repeats = $state(1)
  judge: BenchmarkModel | undefined = $state.raw()
  /** What the plan as it is now costs. */
  estimate: BenchmarkEstimate | undefined = $state.raw()
  /** Why there is none. */
  unfit: string | undefined = $state()
  /** The person has chosen a run other than the newest, and one to compare it with. */
  chosen: string | undefined = $state()
  before: string | undefined = $state()
  #begun = false
  /** The host has not answered yet. */
  #starting = false
  #asked = 0

  protected ask(): Promise<BenchmarkView> {
    return this.bridge.ask('benchmark', {})
  }

  /** What the next run is begun with: what the last one had, else the model of the chat. */
  begin(current: BenchmarkModel | undefined): void {
    if (this.#begun || !this.view) return
    this.#begun = true
    const last = this.view.runs[0]
    this.models = last ? last.rows.map(({ provider, model }) => ({ provider, model })) : current ? [current] : []
    this.repeats = last?.repeats ?? 1
    this.judge = last?.judge
    if (last) this.left = this.view.prompts.map(({ name }) => name).filter((name) => !last.prompts.includes(name))
  }

  get prompts(): string[] {
    return (this.view?.prompts ?? []).map(({ name }) => name).filter((name) => !this.left.includes(name))
  }

  get plan(): BenchmarkPlan {
    const { models, prompts, repeats, judge } = this
    return { models, prompts, repeats, ...(judge && { judge }) }
  }

  /** The run that is shown. */
  get run(): BenchmarkSummary | undefined {
    const runs = this.view?.runs ?? []
    return runs.find(({ id }) => id === this.chosen) ?? runs[0]
  }

  /** The run it is compared with. */
  get earlier(): BenchmarkSummary | undefined {
    return this.view?.runs.find(({ id }) => id === this.before && id !== this.run?.id)
  }

  has(model: BenchmarkModel): boolean {
    return this.models.some((one) => modelKey(one) === modelKey(model))
  }

  toggleModel(model: BenchmarkModel): void {
    const others = this.models.filter((one) => modelKey(one) !== modelKey(model))
    const { provider, model: id } = model
    this.models = others.length < this.models.length ? others : [...this.models, { provider, model: id }]
  }

  togglePrompt(name: string): void {
    const left = this.left.filter((one) => one !== name)
    this.left = left.length < this.left.length ? left : [...left, name]
  }

  /** Of several plans asked for only the last one counts. */
  async weigh(plan: BenchmarkPlan): Promise<void> {
    const mine = ++this.#asked
    this.estimate = undefined
    this.unfit = undefined
    if (plan.models.length === 0 || plan.prompts.length === 0) return
    try {
      const estimate = await this.bridge.ask('benchmark-estimate', plan)
      if (mine === this.#asked) this.estimate = estimate
    } catch (error) {
      if (mine === this.#asked) this.unfit = error instanceof Error ? error.message : String(error)
    }
  }

  async start(): Promise<void> {
    if (this.#starting) return
    const { plan } = this
    this.#starting = true
    const answer = await this.try(() => this.bridge.ask('benchmark-start', plan))
    this.#starting = false
    if (!answer?.started) return
    this.chosen = undefined
    this.said = 'Started.'
  }

  async stop(): Promise<void> {
    if (await this.try(() => this.bridge.ask('benchmark-stop', {}))) this.said = 'Stopped.'
  }

  /** This run goes on no longer. Where it was stopped, in this panel or another, the same is said as on the answer to Stop. */
  ended(run: string): void {
    this.said = this.view?.runs.find(({ id }) => id === run)?.stopped ? 'Stopped.' : 'Finished.'
  }

  /** True where the host has heard it. */
  async decide(callId: string, decision: ApprovalDecision): Promise<boolean> {
    return (await this.try(() => this.bridge.ask('benchmark-decide', { callId, decision }))) !== undefined
  }

  async edit(): Promise<void> {
    await this.try(() => this.bridge.ask('benchmark-edit', {}))
  }

  async remove(run: string): Promise<void> {
    if (!(await this.try(() => this.bridge.ask('benchmark-remove', { run })))) return
    this.chosen = undefined
    this.said = 'Removed.'
  }

  results(run: string): Promise<BenchmarkResult[]> {
    return this.bridge.ask('benchmark-results', { run })
  }
}

/** Made with the first part of the page that is drawn. */
export const benchmarkOf = (panel: {
  readonly bridge: Bridge
  benchmark: BenchmarkStore | undefined
}): BenchmarkStore => (panel.benchmark ??= new BenchmarkStore(panel.bridge))
