/** A window whose turns are told to a collector. */
import type { Exporter } from '../../../src/host/telemetry/facts.ts'
import { openOtlp } from '../../../src/host/telemetry/otlp/index.ts'
import { Telemetry } from '../../../src/host/telemetry/telemetry.ts'
import type { TelemetryParts } from '../../../src/host/telemetry/telemetry.ts'
import { noTelemetry } from '../../../src/host/settings/telemetry.ts'
import type { StreamEvent } from '../../../src/shared/message.ts'
import { Approvals } from '../../../src/tools/approvals.ts'
import type { Tool } from '../../../src/tools/tool.ts'
import { Toolbox } from '../../../src/tools/toolbox.ts'
import { end, FakePage, FakeWindow, text } from '../fakes.ts'

export class WatchedWindow implements AsyncDisposable {
  readonly window: FakeWindow
  readonly page: FakePage
  readonly telemetry: Telemetry
  /** What the person's settings say. */
  settings = noTelemetry
  switchedOn = true
  consent = false
  headers: Record<string, string> = {}
  tools: Tool[] = []
  /** How often the exporter was loaded. */
  loaded = 0

  constructor(load: TelemetryParts['load'] = (options) => Promise.resolve<Exporter>(openOtlp(options))) {
    const approvals = new Approvals({
      paths: () => ({ roots: ['/w'], windows: false, realPath: (path) => Promise.resolve({ kind: 'found', path }) }),
      shell: () => 'posix',
      workspace: () => 'file:///w',
      readsUnasked: () => true,
      redact: (words) => words,
      save: () => undefined,
    })
    const log = (level: string) => (line: string | Error) => void this.logged.push(`${level} ${String(line)}`)
    this.telemetry = new Telemetry({
      settings: () => this.settings,
      switchedOn: () => this.switchedOn,
      consents: () => this.consent,
      headers: () => Promise.resolve(this.headers),
      redact: (words) => this.window.services.log.redact(words),
      version: '1.2.3',
      log: { trace: log('trace'), debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      load: (options) => {
        this.loaded++
        return load(options)
      },
    })
    this.window = new FakeWindow({
      watch: this.telemetry,
      tools: () => Promise.resolve(new Toolbox(this.tools)),
      approvals,
    })
    this.page = new FakePage(this.window)
  }

  readonly logged: string[] = []

  /** One turn to its end: what is said, and what the provider streams for each request. */
  async turn(words: string, ...answers: StreamEvent[][]): Promise<void> {
    const { window, page } = this
    const asked = window.provider.requests.length
    await page.ready()
    await page.say(words)
    for (const [at, answer] of answers.entries()) {
      while (window.provider.requests.length <= asked + at) await soon()
      window.provider.send(...answer)
    }
    while (window.services.answers.count > 0) await soon()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.window.services.answers.stopAll()
    await this.telemetry.close()
    this.page.session.dispose()
    this.window.close()
  }
}

const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

export const says = (words: string): StreamEvent[] => [...text(words), ...end(words)]

export function calls(id: string, name: string, input: Record<string, string>): StreamEvent[] {
  const json = JSON.stringify(input)
  return [
    { type: 'block-start', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json: '' } },
    { type: 'block-delta', index: 0, text: json },
    { type: 'block-end', index: 0, block: { type: 'tool-call', id, name, ranBy: 'host', json, input } },
    { type: 'usage', usage: { input: 10, output: 5, cacheRead: 3, cacheWrite: 2, reasoning: 1 } },
    { type: 'end', stop: { kind: 'tools', raw: 'tool_use' } },
  ]
}

export const fails = (message: string): StreamEvent[] => [
  { type: 'end', stop: { kind: 'failed', failure: { code: 'overloaded', message, status: 529 } } },
]
