/** What the usage page shows, and what it was asked to. A page that comes again shows what it did. */
import { isObject } from '../../src/shared/json.ts'
import { dayOf } from '../../src/shared/day.ts'
import type { ExportFormat, UsageRequests, UsageView } from '../../src/shared/protocol.ts'
import { DIMENSIONS } from '../../src/shared/usage.ts'
import type { Dimension, UsageFilters, UsageQuery } from '../../src/shared/usage.ts'
import type { Api, Bridge } from '../bridge.ts'
import { PRESETS, daysOf } from './range.ts'
import type { Range } from './range.ts'

export class UsageState {
  range: Range = $state({ preset: 'month' })
  filters: UsageFilters = $state({})
  by: Dimension = $state('model')
  view: UsageView | undefined = $state.raw()
  /** What `view` was asked with. */
  asked: UsageQuery = $state.raw({})
  loading = $state(false)
  problem: string | undefined = $state()
  /** What a screen reader hears. */
  said = $state('')
  readonly #api: Api
  readonly #bridge: Bridge<UsageRequests>
  #latest = 0

  constructor(api: Api, bridge: Bridge<UsageRequests>) {
    this.#api = api
    this.#bridge = bridge
    const saved = api.getState()
    if (isObject(saved)) this.#restore(saved)
    void this.load()
  }

  get today(): string {
    return this.view?.today ?? dayOf(Date.now())
  }

  get query(): UsageQuery {
    return { ...daysOf($state.snapshot(this.range), this.today), filters: $state.snapshot(this.filters) }
  }

  show(range: Range): void {
    this.range = range
    void this.load()
  }

  filter(filters: UsageFilters): void {
    this.filters = { ...this.filters, ...filters }
    void this.load()
  }

  /** Without a dimension: all of them. */
  unfilter(dimension?: Dimension): void {
    const { [dimension ?? 'model']: _, ...others } = this.filters
    this.filters = dimension ? others : {}
    void this.load()
  }

  group(by: Dimension): void {
    this.by = by
    this.#save()
  }

  /** The newest question counts, whichever is answered last. */
  async load(): Promise<void> {
    const number = ++this.#latest
    const { query, today } = this
    this.loading = true
    this.#save()
    try {
      const view = await this.#bridge.ask('usage', query)
      if (number !== this.#latest) return
      this.view = view
      // The host says which day it is: it may be another since the page was opened, and was asked for other days then.
      if (view.today !== today && JSON.stringify(this.query) !== JSON.stringify(query)) return await this.load()
      this.asked = query
      this.problem = undefined
      const { requests } = view.report.totals
      this.said = requests === 1 ? '1 request' : `${requests} requests`
    } catch (error) {
      if (number === this.#latest) this.problem = error instanceof Error ? error.message : String(error)
    } finally {
      if (number === this.#latest) this.loading = false
    }
  }

  async save(format: ExportFormat): Promise<void> {
    await this.#try(this.#bridge.ask('export-usage', { query: this.query, format }))
  }

  async open(conversation: string): Promise<void> {
    await this.#try(this.#bridge.ask('open-chat', { conversation }))
  }

  async #try(work: Promise<unknown>): Promise<void> {
    this.problem = undefined
    try {
      await work
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  #save(): void {
    const { range, filters, by } = this
    this.#api.setState($state.snapshot({ range, filters, by }))
  }

  #restore({ range, filters, by }: Record<string, unknown>): void {
    if (isObject(range)) {
      const preset = PRESETS.find(({ id }) => id === range['preset'])
      const day = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)
      if (preset) this.range = { preset: preset.id }
      else
        this.range = {
          ...(day(range['from']) && { from: range['from'] }),
          ...(day(range['to']) && { to: range['to'] }),
        }
    }
    if (isObject(filters))
      this.filters = Object.fromEntries(
        DIMENSIONS.flatMap((name) => (typeof filters[name] === 'string' ? [[name, filters[name]]] : [])),
      )
    this.by = DIMENSIONS.find((name) => name === by) ?? 'model'
  }
}
