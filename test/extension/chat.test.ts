import assert from 'node:assert/strict'
import * as vscode from 'vscode'
import type { TestApi } from '../../src/host/extension.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { SteadyTime } from '../harness/steady.ts'
import { TestPage, api, until, withSettings } from './window.ts'

/** An Anthropic server that lists one model and answers every message with `reply`. */
async function answering(reply: (script: Script) => Promise<void> | void): Promise<ScriptedServer> {
  const model = { type: 'model', id: 'claude-test', display_name: 'Claude Test', created_at: '2026-01-01T00:00:00Z' }
  return startScriptedServer((script) => {
    if (script.request.method === 'GET') return script.json(200, { data: [model], has_more: false })
    return reply(script)
  })
}

async function say(script: Script, text: string): Promise<void> {
  const message = { id: 'msg', type: 'message', role: 'assistant', model: 'claude-test', content: [] }
  script.sse()
  await script.event(
    { type: 'message_start', message: { ...message, usage: { input_tokens: 12, output_tokens: 1 } } },
    'message_start',
  )
  await script.event(
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    'content_block_start',
  )
  await script.event(
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    'content_block_delta',
  )
}

async function finish(script: Script): Promise<void> {
  await script.event({ type: 'content_block_stop', index: 0 }, 'content_block_stop')
  const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }
  await script.event(delta, 'message_delta')
  await script.event({ type: 'message_stop' }, 'message_stop')
  script.end()
}

const using = (server: ScriptedServer, more: Record<string, unknown> = {}) => ({
  providers: { anthropic: { baseUrl: server.origin } },
  provider: 'anthropic',
  model: 'claude-test',
  ...more,
})

describe('a chat in the extension host', () => {
  let window: TestApi
  before(async () => {
    window = await api()
  })

  it('asks the provider of the settings and stores what it answers', async () => {
    await onServer(
      async (script) => {
        await say(script, 'Hello from the server.')
        await finish(script)
      },
      async (server) => {
        const page = new TestPage(window)
        await page.ask('ready', {})
        await page.say('Hi')
        await page.settled()
        const { page: shown } = await page.ask('ready', {})
        const answer = shown.messages.at(-1)
        assert.equal(answer?.state, 'done')
        assert.deepEqual(answer.message.content, [{ type: 'text', text: 'Hello from the server.' }])
        const asked = server.requests.find(({ method }) => method === 'POST')?.json() as { model: string }
        assert.equal(asked.model, 'claude-test')
        page.session.dispose()
      },
    )
  })

  it('closes the socket when it is stopped, and keeps what had come', async () => {
    await onServer(
      async (script) => {
        await say(script, 'Only this')
        await script.silence()
      },
      async (server) => {
        const page = new TestPage(window)
        await page.ask('ready', {})
        await page.say('Hi')
        await until(() => JSON.stringify(page.told).includes('Only this'))
        using time = new SteadyTime()
        const stoppedAt = performance.now()
        await page.ask('stop', {})
        const { aborted } = await server.requests.find(({ method }) => method === 'POST')!.closed
        assert.ok(aborted)
        const took = time.between(stoppedAt)
        assert.ok(took < 250, `${took} ms`)
        await page.settled()
        const answer = (await page.ask('ready', {})).page.messages.at(-1)
        assert.equal(answer?.state, 'interrupted')
        assert.deepEqual(answer.message.content, [{ type: 'text', text: 'Only this' }])
        page.session.dispose()
      },
    )
  })

  it('sends a stored key to the endpoint it was set for, and to no other after the endpoint changed', async () => {
    const reply = async (script: Script): Promise<void> => {
      await say(script, 'ok')
      await finish(script)
    }
    const [first, second] = [await answering(reply), await answering(reply)]
    const info = {
      id: 'anthropic',
      label: 'Anthropic',
      dialect: 'anthropic',
      defaultBaseUrl: 'https://api.anthropic.com',
    }
    const page = new TestPage(window)
    try {
      await withSettings(using(first), async () => {
        await window.keys.set(info, { baseUrl: first.origin }, 'canary-key-123456')
        await page.ask('ready', {})
        await page.say('Hi')
        await page.settled(1)
      })
      await withSettings(using(second), async () => {
        await page.say('Hi again')
        await page.settled(2)
      })
    } finally {
      await window.keys.remove(info)
      page.session.dispose()
    }
    assert.ok(JSON.stringify(first.requests.map(({ headers }) => headers)).includes('canary-key-123456'))
    assert.ok(second.requests.some(({ method }) => method === 'POST'))
    assert.equal(JSON.stringify(second.requests).includes('canary-key'), false)
    assert.equal(JSON.stringify(page.told).includes('canary-key'), false)
    await Promise.all([first.close(), second.close()])
  })

  it('takes a changed time limit without a reload', async () => {
    await onServer(
      async (script) => {
        await say(script, 'and then nothing')
        await script.silence()
      },
      async () => {
        const page = new TestPage(window)
        await page.ask('ready', {})
        await page.say('Hi')
        await page.settled()
        const { message } = (await page.ask('ready', {})).page.messages.at(-1)!
        assert.ok(message.role === 'assistant' && message.stop.kind === 'failed')
        assert.equal(message.stop.failure.code, 'timeout')
        assert.match(message.stop.failure.message, /timeouts\.idle/)
        page.session.dispose()
      },
      // What is tried again is told elsewhere.
      { 'timeouts.idle': 0.2, 'retry.attempts': 0 },
    )
  })

  it('opens any number of chats in editor tabs', async () => {
    const tabs = (): number =>
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).filter(({ label }) => label === 'Panelist').length
    const before = tabs()
    await vscode.commands.executeCommand('panelist.openInEditor')
    await vscode.commands.executeCommand('panelist.openInEditor')
    await until(() => tabs() === before + 2)
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
  })

  async function onServer(
    reply: (script: Script) => Promise<void>,
    run: (server: ScriptedServer) => Promise<void>,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    const server = await answering(reply)
    try {
      await withSettings(using(server, more), () => run(server))
    } finally {
      await server.close()
    }
  }
})
