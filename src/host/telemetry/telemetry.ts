/**
 * The telemetry of a window: off until the person names a collector, and silent wherever VS Code's own switch is off.
 * What exports is loaded with the first turn that is told of. No answer waits for it, and what goes wrong with it is one
 * line of the log.
 */
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { TelemetrySettings } from '../settings/telemetry.ts'
import type { Exporter, ExporterOptions, TurnFacts } from './facts.ts'
import { requestFacts, WatchedTurn } from './turn-watch.ts'
import type { RequestSeen, TurnWatch, Watch } from './watch.ts'

/** Milliseconds that the end of a window waits for what has not gone out. */
export const LAST_WORDS = 2_000

export type TelemetryParts = {
  settings(): TelemetrySettings
  /** VS Code's own telemetry switch. */
  switchedOn(): boolean
  /** What each request to this collector carries. Never rejects. */
  headers(endpoint: string): Promise<Record<string, string>>
  /** True where the person agreed that content goes to this collector; asks them where nobody has yet. Never waits. */
  consents(endpoint: string): boolean
  load(options: ExporterOptions): Promise<Exporter>
  redact(text: string): string
  log: Log
  /** Of Panelist. */
  version: string
}

/** `content`: what was said is in something it was told. */
type Pipeline = { key: string; open: boolean; content: boolean; exporter: Promise<Exporter | undefined> }

export class Telemetry implements Watch {
  readonly #parts: TelemetryParts
  #pipeline: Pipeline | undefined
  #closed = false

  constructor(parts: TelemetryParts) {
    this.#parts = parts
  }

  turn(facts: TurnFacts): TurnWatch | undefined {
    const pipeline = this.#current()
    if (!pipeline) return undefined
    const span = pipeline.exporter.then((exporter) => exporter?.turn(facts))
    return new WatchedTurn({
      tell: (what) => this.#tell(span.then((found) => found && what(found))),
      content: () => this.#captures(pipeline),
    })
  }

  request(seen: RequestSeen): void {
    const pipeline = this.#current()
    if (!pipeline) return
    const facts = requestFacts(seen, this.#captures(pipeline))
    this.#tell(pipeline.exporter.then((exporter) => exporter?.request(facts)))
  }

  /** Settings or the switch are others now. What has not gone out to a collector that is no longer wanted is dropped. */
  changed(): void {
    this.#leaveWhatIsNotWanted(this.#wanted())
    if (this.#wanted() !== undefined) this.#mayCapture()
  }

  /** The end of the window. What has not gone out is tried for 2 s at most. */
  async close(): Promise<void> {
    this.#closed = true
    const enough = Promise.withResolvers<void>()
    const timer = setTimeout(enough.resolve, LAST_WORDS)
    await Promise.race([this.#leave(this.#pipeline?.key === this.#wanted()), enough.promise])
    clearTimeout(timer)
  }

  /** What the exporter is made of; undefined where nothing is sent. */
  #wanted(): string | undefined {
    const { endpoint, attributes } = this.#parts.settings()
    return endpoint !== undefined && this.#parts.switchedOn() ? JSON.stringify([endpoint, attributes]) : undefined
  }

  #current(): Pipeline | undefined {
    const key = this.#closed ? undefined : this.#wanted()
    this.#leaveWhatIsNotWanted(key)
    if (key !== undefined) this.#pipeline ??= this.#open(key)
    return this.#pipeline
  }

  #open(key: string): Pipeline {
    const { settings, headers, redact, version, log } = this.#parts
    const { endpoint = '', attributes } = settings()
    const report = reporter(log, endpoint)
    const pipeline: Pipeline = { key, open: true, content: false, exporter: Promise.resolve(undefined) }
    const options: ExporterOptions = {
      endpoint,
      attributes,
      version,
      headers: () => headers(endpoint),
      allowed: () => pipeline.open && this.#parts.switchedOn() && !this.#tookBack(pipeline),
      redact,
      exported: report,
    }
    pipeline.exporter = this.#parts.load(options).catch((error: unknown) => {
      log.error(`telemetry could not be started: ${describe(error)}`)
      return undefined
    })
    return pipeline
  }

  #leaveWhatIsNotWanted(key: string | undefined): void {
    const pipeline = this.#pipeline
    if (pipeline && (pipeline.key !== key || this.#tookBack(pipeline))) void this.#leave(false)
  }

  async #leave(flush: boolean): Promise<void> {
    const pipeline = this.#pipeline
    if (!pipeline) return
    this.#pipeline = undefined
    pipeline.open = flush
    try {
      await (await pipeline.exporter)?.close(flush)
    } catch (error) {
      this.#parts.log.warn(`telemetry did not end well: ${describe(error)}`)
    }
    pipeline.open = false
  }

  #captures(pipeline: Pipeline): boolean {
    const captures = this.#mayCapture()
    pipeline.content ||= captures
    return captures
  }

  /** It holds what was said, and that may not be sent any more. */
  #tookBack({ content }: Pipeline): boolean {
    return content && !this.#mayCapture()
  }

  #mayCapture(): boolean {
    const { endpoint, captureContent } = this.#parts.settings()
    return captureContent && endpoint !== undefined && this.#parts.consents(endpoint)
  }

  #tell(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#parts.log.warn(`telemetry could not take a fact: ${describe(error)}`))
  }
}

/** One line where a collector stops answering, and one where it does again. */
function reporter(log: Log, endpoint: string): (why?: string) => void {
  const host = URL.parse(endpoint)?.host ?? 'the collector'
  let failing = false
  return (why) => {
    if (why !== undefined && !failing) log.warn(`telemetry cannot be sent to ${host}: ${why}`)
    if (why === undefined && failing) log.info(`telemetry is sent to ${host} again`)
    failing = why !== undefined
  }
}
