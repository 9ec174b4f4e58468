/** Answers that are left before their first word: their input is charged for from when their provider has taken the request. */
import assert from 'node:assert/strict'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import { fakes } from '../harness/fakes/index.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from '../host/fake-editor.ts'
import { chosen, FakePage, FakeWindow, noSettings } from '../host/fakes.ts'

const kinds = ['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible'] as const

for (const kind of kinds)
  describe(`an answer of ${kind} that is left before its first word`, () => {
    let server: ScriptedServer
    let window: FakeWindow
    let page: FakePage
    let played: (script: Script) => Promise<unknown>
    let came: () => void = () => undefined

    beforeEach(async () => {
      const fake = fakes[kind]
      server = await startScriptedServer(async (script) => {
        const told = fake.reply(script.request)
        if (told !== undefined) return script.json(200, told)
        await played(script)
      })
      const settings = { ...noSettings, providers: { [kind]: { baseUrl: server.origin + fake.basePath } } }
      const keys = new Keys(new FakeSecrets(), new FakeMemento(), {})
      const connections = new Connections({ keys, settings: () => settings })
      await keys.set(connections.info(kind)!, settings.providers[kind], 'sk-canary-0123456789')
      window = new FakeWindow({
        choose: () => Promise.resolve({ ...chosen, provider: kind, model: 'model-x', outputLimit: 4096 }),
        connect: async (provider, profile) => {
          const connected = await connections.open(provider, profile)
          return 'code' in connected ? connected : { ...connected, paidBy: 'key', keyProfile: 'default' }
        },
      })
      page = new FakePage(window)
      await page.ready()
    })
    afterEach(async () => {
      await window.services.answers.stopAll()
      window.close()
      await server.close()
    })

    const stoppedAfter = async (play: (script: Script) => Promise<unknown>) => {
      const begun = new Promise<void>((resolve) => (came = resolve))
      played = async (script) => {
        await play(script)
        came()
        await script.request.closed
      }
      await page.say('Hello, how long is a piece of string?')
      await begun
      // What the server has sent is on its way. Sockets are read in each turn of the event loop.
      for (let turns = 0; turns < 25; turns++) await new Promise((resolve) => setTimeout(resolve, 2))
      await page.ask('stop', {})
      while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 1))
      const { used, reserved } = window.services.store().budget.spent([{ of: 'all', since: 0, limit: 0 }])[0]!
      assert.equal(reserved, 0)
      return { used, message: (await page.ready()).page.messages.at(-1)! }
    }

    it('costs what was sent once its headers have come, as an estimate that the answer says', async () => {
      const { used, message } = await stoppedAfter(async (script) => {
        script.head(200, { 'content-type': fakes[kind].contentType })
        await script.send('\n')
      })
      assert.ok(message.message.role === 'assistant' && message.message.stop.kind === 'aborted')
      const { input, output, estimated } = message.message.usage
      assert.ok(input > 5 && output === 0 && estimated, JSON.stringify(message.message.usage))
      assert.ok(used > 0 && Math.abs(used - (input * 3) / 1e6) < 1e-9, `$${used}`)
      assert.equal(message.cost, used)
    })

    it('costs nothing before', async () => {
      const { used } = await stoppedAfter(() => Promise.resolve())
      assert.equal(used, 0)
    })
  })
