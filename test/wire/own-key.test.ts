/** With whose key a request goes out, and who pays for it: over real HTTP, for every provider and whatever keys there are. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Connected } from '../../src/host/connections.ts'
import { Connections } from '../../src/host/connections.ts'
import { Keys } from '../../src/host/keys.ts'
import type { ProviderSettings } from '../../src/host/settings.ts'
import type { Credits } from '../../src/usage/credits.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { fakes } from '../harness/fakes/index.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer } from '../harness/scripted-server.ts'
import { FakeMemento, FakeSecrets } from '../host/fake-editor.ts'
import { chosen, FakePage, FakeWindow, noSettings } from '../host/fakes.ts'

const kinds = ['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible'] as const
const VARIABLE = 'SOME_KEY'
const keyOf = (profile: string): string => `sk-of-${profile}-0123456789`

const anyKeys = fc.record({
  stored: fc.uniqueArray(fc.constantFrom('default', 'mine', 'team'), { maxLength: 3 }),
  environment: fc.boolean(),
  /** Which of them a team pays for, where one is. */
  shared: fc.option(fc.constantFrom('team', 'environment'), { nil: undefined }),
  /** Which of them the person chose, where they did. */
  asked: fc.option(fc.nat(3), { nil: undefined }),
})

for (const kind of kinds)
  describe(`the keys of ${kind}`, function () {
    this.timeout(90_000)
    let server: ScriptedServer
    let sent: (string | undefined)[]
    before(async () => {
      const fake = fakes[kind]
      server = await startScriptedServer(async (script) => {
        const told = fake.reply(script.request)
        if (told !== undefined) return script.json(200, told)
        const turn = new FakeTurn(script, fake)
        sent.push(turn.key)
        await turn.answer('Yes.')
      })
    })
    after(() => server.close())

    it("the user's own key is used when set, and own-key requests draw no credits", () =>
      fc.assert(
        fc.asyncProperty(anyKeys, async ({ stored, environment, shared, asked }) => {
          sent = []
          const all = [...stored, ...(environment ? ['environment'] : [])]
          const credits: Credits | undefined = shared && {
            allowance: 1e6,
            per: 'day',
            rate: { tokens: 1 },
            keyProfile: shared,
          }
          const provider: ProviderSettings = {
            baseUrl: server.origin + fakes[kind].basePath,
            environmentVariable: VARIABLE,
            ...(credits && { credits }),
          }
          const settings = () => ({ ...noSettings, providers: { [kind]: provider } })
          const variables = environment ? { [VARIABLE]: keyOf('environment') } : {}
          const keys = new Keys(new FakeSecrets(), new FakeMemento(), variables)
          const connections = new Connections({ keys, settings })
          const info = connections.info(kind)!
          for (const name of stored) await keys.set(info, provider, keyOf(name), name)

          const named = asked === undefined ? undefined : all[asked % Math.max(1, all.length)]
          const choice = { ...chosen, provider: kind, model: 'model-x', ...(named && { keyProfile: named }) }
          let connected: Connected | undefined
          const window = new FakeWindow({
            choose: () => Promise.resolve(choice),
            connect: async (id, profile) => {
              const opened = await connections.open(id, profile)
              if (!('code' in opened)) connected = opened
              return opened
            },
          })
          window.credits = credits ? { [kind]: credits } : {}
          const page = new FakePage(window)
          await page.ready()
          await page.say('Whose key?')
          while (window.services.answers.count > 0) await new Promise((resolve) => setTimeout(resolve, 1))
          const [answer] = window.services.store().requests.list({ conversation: page.session.conversation })
          const [drawn] = window.services.store().budget.spent([{ of: 'pool', key: kind, since: 0, limit: 0 }])
          page.session.dispose()
          window.close()

          const own = all.filter((name) => name !== shared)
          const used = connected?.keyProfile
          if (all.length === 0) return assert.ok(sent.every((key) => key === undefined || !key.includes('sk-of')))
          assert.deepEqual(sent, [keyOf(used ?? 'nobody')], 'the key that goes out is the one that is told')
          if (named !== undefined) assert.equal(used, named, 'the one that was chosen')
          else if (own.length > 0) assert.ok(used !== undefined && own.includes(used), `${used} of ${own.join(', ')}`)
          else assert.equal(used, shared)
          assert.equal(answer?.keyProfile, used)
          assert.equal(answer?.paidBy, used === shared ? 'credits' : 'key')
          assert.equal((drawn?.used ?? 0) > 0, used === shared)
        }),
        { numRuns: 20 },
      ))
  })
