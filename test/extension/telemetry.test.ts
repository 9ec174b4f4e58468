import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import type { TestApi } from '../../src/host/extension.ts'
import { streamOf } from '../llm/anthropic/provider-stream.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import type { Collector } from '../host/telemetry/collector.ts'
import { startCollector } from '../host/telemetry/collector.ts'
import { TestPage, api, until, withSettings } from './window.ts'

describe('telemetry in the extension host', () => {
  let window: TestApi
  let server: ScriptedServer
  let collector: Collector
  const undo: (() => void)[] = []

  before(async () => {
    window = await api()
    const model = { type: 'model', id: 'claude-test', display_name: 'Claude Test', created_at: '2026-01-01T00:00:00Z' }
    server = await startScriptedServer(async (script) => {
      if (script.request.method === 'GET') return script.json(200, { data: [model], has_more: false })
      script.sse()
      await script.send(streamOf([{ type: 'text', text: 'ANSWER-CANARY' }]))
      script.end()
    })
  })
  after(() => server[Symbol.asyncDispose]())
  beforeEach(async () => void (collector = await startCollector()))
  afterEach(async () => {
    for (const each of undo.splice(0)) each()
    await collector[Symbol.asyncDispose]()
  })

  /** Stands in for a part of the editor until the test is over. */
  const replace = (on: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(on, name)
    Object.defineProperty(on, name, { configurable: true, enumerable: true, value })
    undo.push(() => before && Object.defineProperty(on, name, before))
  }
  /** What VS Code itself would tell its makers stays off. */
  const switchOn = (): void => {
    replace(vscode.env, 'isTelemetryEnabled', true)
    const { getConfiguration } = vscode.workspace
    const all = { get: () => 'all' }
    replace(vscode.workspace, 'getConfiguration', (...of: Parameters<typeof getConfiguration>) =>
      of[0] === 'telemetry' ? all : getConfiguration(...of),
    )
  }
  const settings = (): Record<string, unknown> => ({
    providers: { anthropic: { baseUrl: server.origin } },
    provider: 'anthropic',
    model: 'claude-test',
    chatTitles: 'words',
    'telemetry.endpoint': collector.endpoint,
  })
  const chat = async (): Promise<void> => {
    const page = new TestPage(window)
    await page.ask('ready', {})
    await page.say('PROMPT-CANARY')
    await page.settled()
    page.session.dispose()
  }
  const traces = (): Collector['requests'] => collector.requests.filter(({ path }) => path === '/v1/traces')

  it('goes nowhere while the switch of VS Code is off, as it is in these tests', async () => {
    assert.equal(vscode.env.isTelemetryEnabled, false)
    await withSettings(settings(), async () => {
      await chat()
      await new Promise((resolve) => setTimeout(resolve, 6_000))
    })
    assert.equal(collector.requests.length, 0)
  })

  it('reaches the collector of the settings with the headers that were typed, and without what was said', async () => {
    switchOn()
    replace(vscode.window, 'showInputBox', () => Promise.resolve('authorization=Bearer token-canary'))
    await withSettings(settings(), async () => {
      await vscode.commands.executeCommand('panelist.setTelemetryHeaders')
      await chat()
      await until(() => collector.spans().length >= 2)
    })
    assert.deepEqual(
      collector
        .spans()
        .map(({ name }) => name)
        .sort(),
      ['chat claude-test', 'invoke_agent'],
    )
    assert.equal(traces()[0]?.headers.authorization, 'Bearer token-canary')
    assert.doesNotMatch(JSON.stringify(collector.requests.map(({ body }) => body)), /PROMPT|ANSWER|canary/i)
    assert.doesNotMatch(JSON.stringify(window.services.log.after(0)), /token-canary/)
  })

  it('holds what was said where the person agreed in a box that names the collector', async () => {
    const asked: unknown[][] = []
    switchOn()
    replace(vscode.window, 'showWarningMessage', (...words: unknown[]) => {
      asked.push(words)
      return Promise.resolve(words[2])
    })
    await withSettings({ ...settings(), 'telemetry.captureContent': true }, async () => {
      await until(() => asked.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await chat()
      await until(() => collector.spans().length >= 2)
    })
    assert.equal(asked.length, 1)
    const options = asked[0]?.[1] as vscode.MessageOptions
    assert.equal(options.modal, true)
    assert.ok(options.detail?.includes(collector.endpoint))
    assert.match(JSON.stringify(traces()), /PROMPT-CANARY/)
    assert.match(JSON.stringify(traces()), /ANSWER-CANARY/)
  })
})
