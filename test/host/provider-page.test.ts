import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import fc from 'fast-check'
import type { Entries } from '../../src/host/provider-page/entries.ts'
import { freeId, withChange } from '../../src/host/provider-page/entries.ts'
import { objection } from '../../src/host/provider-page/actions.ts'
import type { Script, ScriptedServer } from '../harness/scripted-server.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import { PageWindow } from './provider-page-window.ts'

const KEY = 'sk-canary-0123456789abcdef'

const lists =
  (...ids: string[]) =>
  (script: Script): void =>
    script.json(200, {
      data: ids.map((id) => ({ id, type: 'model', display_name: id.toUpperCase() })),
      has_more: false,
    })

const refuses =
  (status: number) =>
  (script: Script): void =>
    script.json(status, { type: 'error', error: { type: 'some_error', message: `no ${KEY}` } })

describe('the Providers page', () => {
  const open: { close(): unknown }[] = []
  const window = (...parts: ConstructorParameters<typeof PageWindow>): PageWindow => {
    const one = new PageWindow(...parts)
    open.push(one)
    return one
  }
  const serve = async (answer: (script: Script) => void | Promise<void>): Promise<ScriptedServer> => {
    const server = await startScriptedServer(answer)
    open.push(server)
    return server
  }
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })

  describe('shows of each provider', () => {
    it('how its key stands: set, from the environment, missing, refused', async () => {
      const { page, keys, connections, card, setKey } = bound(window({}, { environment: { OPENAI_API_KEY: KEY } }))
      await setKey('anthropic', KEY)
      await setKey('google', KEY)
      keys.reject('google', 'default')
      const status = Object.fromEntries((await page.cards()).map(({ id, key }) => [id, key]))
      assert.equal(status['anthropic'], 'set')
      assert.equal(status['openai'], 'environment')
      assert.equal(status['google'], 'rejected')
      assert.equal(status['openrouter'], 'missing')
      assert.equal((await card('openai')).envVar, 'OPENAI_API_KEY')
      assert.equal((await page.cards()).length, connections.all().length)
    })

    it('every key by its name, and which is in use, also where the settings say so', async () => {
      const one = window({}, { settings: { keyProfiles: { anthropic: 'work' } } })
      await one.setKey('anthropic', KEY, 'personal')
      await one.setKey('anthropic', KEY, 'work')
      const { keys, keyPinned } = await one.card('anthropic')
      assert.deepEqual(keys, [
        { name: 'personal', status: 'set' },
        { name: 'work', status: 'set', inUse: true },
      ])
      assert.equal(keyPinned, true)
    })

    it('that it is switched off, has no address, or was named by the person', async () => {
      const one = window({ anthropic: { enabled: false }, lab: { baseUrl: 'http://127.0.0.1:9000/v1', label: 'Lab' } })
      assert.equal((await one.card('anthropic')).enabled, false)
      assert.equal((await one.card('litellm')).endpoint, '')
      const lab = await one.card('lab')
      assert.deepEqual([lab.label, lab.kind, lab.endpoint], ['Lab', 'named', 'http://127.0.0.1:9000/v1'])
    })

    it('why a key that is there is not used, and nothing where there is none', async () => {
      const one = window({ openai: { baseUrl: 'https://proxy.example/v1' } }, { environment: { OPENAI_API_KEY: KEY } })
      assert.match((await one.card('openai')).why ?? '', /^OPENAI_API_KEY is not sent to https:\/\/proxy\.example/)
      assert.equal((await one.card('anthropic')).why, undefined)
      await one.setKey('anthropic', KEY)
      one.entries = { anthropic: { baseUrl: 'https://proxy.example' } }
      assert.match((await one.card('anthropic')).why ?? '', /was set for https:\/\/api\.anthropic\.com and is not sent/)
      assert.deepEqual((await one.card('anthropic')).keys, [{ name: 'default', status: 'missing' }])
    })

    it('no key, no header and no query of its address', async () => {
      const server = await serve(refuses(401))
      const one = window(
        {
          anthropic: { baseUrl: server.origin, headers: { 'x-team': 'header-canary' } },
          lab: { baseUrl: `${server.origin}/v1?token=query-canary`, headers: { 'x-team': 'header-canary' } },
        },
        { environment: { OPENAI_API_KEY: KEY } },
      )
      await one.setKey('anthropic', KEY)
      await one.setKey('lab', KEY, 'work')
      await one.page.test('anthropic')
      await one.page.test('lab')
      const told = JSON.stringify(await one.page.cards())
      assert.ok(server.requests.length >= 2)
      for (const secret of [KEY, 'header-canary', 'query-canary']) assert.ok(!told.includes(secret), secret)
    })

    it('that the address in the settings is none, and asks for another without it', async () => {
      const one = window({ anthropic: { baseUrl: 'https://me:secret@host.example' } })
      const card = await one.card('anthropic')
      assert.equal(card.endpoint, '')
      assert.match(card.why ?? '', /not an http or https address, or has a password/)
      one.boxes.answers = ['https://host.example']
      await one.page.act('edit-endpoint', 'anthropic')
      assert.equal(one.boxes.texts[0]?.value, '')
      assert.equal((await one.card('anthropic')).endpoint, 'https://host.example')
    })

    it('the last answer that failed, until one works', async () => {
      const one = window()
      const failure = { code: 'rate-limit', message: 'Too many requests.' } as const
      assert.equal(one.page.noteOutcome('anthropic', failure), true)
      assert.equal((await one.card('anthropic')).problem?.text, 'Too many requests.')
      assert.equal((await one.card('openai')).problem, undefined)
      assert.equal(one.page.noteOutcome('anthropic', undefined), true)
      assert.equal((await one.card('anthropic')).problem, undefined)
      assert.equal(one.page.noteOutcome('anthropic', undefined), false)
    })

    it('that its key was refused when its models were asked for, but not that another was before', async () => {
      let answer: (script: Script) => void = refuses(401)
      const waiting: Script[] = []
      const server = await serve((script) => answer(script))
      const one = window({ lab: { baseUrl: server.origin } })
      await one.setKey('lab', `${KEY}-old`)
      const info = one.connections.info('lab')!
      await one.models.refresh(info)
      assert.equal((await one.card('lab')).key, 'rejected')
      answer = (script) => void waiting.push(script)
      await one.setKey('lab', `${KEY}-older`)
      const before = one.models.refresh(info)
      await until(() => waiting.length === 1)
      await one.setKey('lab', KEY)
      one.models.forget()
      answer = lists('a')
      await one.models.refresh(info)
      refuses(401)(waiting[0]!)
      await before
      const card = await one.card('lab')
      assert.deepEqual([card.key, card.problem, card.models], ['set', undefined, 1])
    })

    it('why the list of its models could not be had', async () => {
      const server = await serve(refuses(500))
      const one = window({ lab: { baseUrl: server.origin } })
      await one.models.refresh(one.connections.info('lab')!)
      assert.match((await one.card('lab')).problem?.text ?? '', /problem of its own \(HTTP 500\)/)
    })

    it('its default model by its name', async () => {
      const server = await serve(lists('claude-one'))
      const one = window({
        anthropic: { baseUrl: server.origin, defaultModel: 'claude-one' },
        openai: { defaultModel: 'x' },
      })
      await one.page.test('anthropic')
      assert.equal((await one.card('anthropic')).defaultModel, 'CLAUDE-ONE')
      assert.equal((await one.card('openai')).defaultModel, 'x')
    })
  })

  describe('tests a connection, and says in a sentence', () => {
    const testing = async (
      answer: (script: Script) => void | Promise<void>,
      entry: Record<string, unknown> = {},
      prepare: (one: PageWindow, origin: string) => unknown = () => undefined,
      environment: Record<string, string> = {},
    ) => {
      const server = await serve(answer)
      const one = window({ lab: { baseUrl: `${server.origin}/v1`, label: 'Lab', ...entry } }, { environment })
      await prepare(one, server.origin)
      const test = await one.page.test('lab')
      assert.ok(test)
      return { one, server, test, host: new URL(server.origin).host }
    }

    it('how many models it found how fast, with which key', async () => {
      const plain = await testing(lists('a', 'b'))
      assert.equal(plain.test.ok, true)
      assert.match(plain.test.text, /^Works: 2 models in \d+\.\d s, without a key\.$/)
      const named = await testing(lists('a'), {}, (one) => one.setKey('lab', KEY, 'work'))
      assert.match(named.test.text, /^Works: 1 model in \d+\.\d s with the key “work”\.$/)
      assert.equal(named.server.requests[0]?.headers['authorization'], `Bearer ${KEY}`)
      const set = await testing(lists('a'), {}, (one) => one.setKey('lab', KEY))
      assert.match(set.test.text, / s with the key\.$/)
      const variable = await testing(lists('a'), { environmentVariable: 'LAB_KEY' }, undefined, { LAB_KEY: KEY })
      assert.match(variable.test.text, / s with the key from LAB_KEY\.$/)
    })

    it('that the key is refused, which then counts everywhere, until a key is taken', async () => {
      let status = 401
      const { one, test } = await testing(
        (script) => (status === 200 ? lists('a')(script) : refuses(status)(script)),
        {},
        (made) => made.setKey('lab', KEY, 'work'),
      )
      assert.deepEqual([test.ok, test.text], [false, 'The key “work” is refused (401). Set another.'])
      assert.equal((await one.card('lab')).key, 'rejected')
      status = 200
      assert.equal((await one.page.test('lab'))?.ok, true)
      assert.equal((await one.card('lab')).key, 'set')
    })

    it('that the key of the environment is refused', async () => {
      const { test } = await testing(refuses(401), { environmentVariable: 'LAB_KEY' }, undefined, { LAB_KEY: KEY })
      assert.equal(test.text, 'The key from LAB_KEY is refused (401). Set another.')
    })

    it('that it wants a key, or may not be asked with this one', async () => {
      assert.equal((await testing(refuses(401))).test.text, 'It wants a key (401). Set one.')
      const may = await testing(refuses(403), {}, (one) => one.setKey('lab', KEY))
      assert.equal(may.test.text, 'It answers, but the key may not see its models (403). Set a key that may.')
    })

    it('that nothing answers there', async () => {
      const port = await freePort()
      const one = window({
        ollama: { baseUrl: `http://localhost:${port}` },
        lab: { label: 'Lab', baseUrl: `http://127.0.0.1:${port}/v1` },
      })
      assert.equal((await one.page.test('ollama'))?.text, `Nothing answers at localhost:${port}. Is Ollama running?`)
      assert.equal((await one.page.test('lab'))?.text, `Nothing answers at 127.0.0.1:${port}. Is Lab running?`)
      assert.match((await one.page.test('anthropic'))?.text ?? '', /No API key for Anthropic/)
    })

    it('that it knows no models, and what to do', async () => {
      const server = await serve((script) => script.json(200, { models: [] }))
      const one = window({ ollama: { baseUrl: server.origin } })
      const test = await one.page.test('ollama')
      assert.equal(test?.ok, false)
      assert.equal(test?.text, 'It answers, but knows no models. Pull one with `ollama pull qwen3`.')
      assert.equal((await testing(lists())).test.text, 'It answers, but knows no models. Load one there.')
    })

    it('that another kind of server is there', async () => {
      const html = (script: Script): void => {
        script.head(200, { 'content-type': 'text/html' })
        void script.send('<html>Sign in</html>').then(() => script.end())
      }
      const page = await testing(html)
      assert.equal(
        page.test.text,
        `It answers, but not as an OpenAI-compatible server: another kind of server, or a sign-in page, may be at ${page.host}. Check the endpoint.`,
      )
      const anthropic = await testing(html, { dialect: 'anthropic' })
      assert.match(
        anthropic.test.text,
        /^It answers, but not as an Anthropic-compatible server: another kind of server/,
      )
      const nowhere = await testing(refuses(404), { baseUrl: undefined }, (one, origin) => {
        one.entries = { lab: { baseUrl: origin } }
      })
      assert.equal(
        nowhere.test.text,
        'It answers, but not as an OpenAI-compatible server: there is no list of models at this address (404). Check the endpoint; most end in /v1.',
      )
    })

    it('that it is too slow', async () => {
      const server = await serve((script) => script.silence())
      const one = window({ lab: { label: 'Lab', baseUrl: server.origin } }, { testLimit: 200 })
      assert.equal((await one.page.test('lab'))?.text, `No answer from ${new URL(server.origin).host} within 0.2 s.`)
    })

    it('how the editor’s own models are', async () => {
      const info = { id: 'vscode', label: 'VS Code', dialect: 'vscode', keyless: true as const, defaultBaseUrl: '' }
      const models = [{ id: 'm', provider: 'vscode', name: 'M', source: 'provider' as const }]
      const provider = { id: 'vscode', listModels: async () => models, stream: () => assert.fail('not asked') }
      const one = window({}, { editor: [{ info, create: () => provider }] })
      assert.match((await one.page.test('vscode'))?.text ?? '', /^Works: 1 model in \d+\.\d s\.$/)
    })

    it('once at a time for each provider, and can be cancelled', async () => {
      const server = await serve((script) => script.silence())
      const one = window({ lab: { baseUrl: server.origin } })
      const first = one.page.test('lab')
      const second = one.page.test('lab')
      assert.equal(first, second)
      await until(() => server.requests.length === 1)
      assert.equal((await one.card('lab')).testing, true)
      await one.page.act('cancel-test', 'lab')
      assert.equal(await first, undefined)
      assert.ok((await server.requests[0]?.closed)?.aborted)
      const card = await one.card('lab')
      assert.deepEqual([card.testing, card.test], [undefined, undefined])
      assert.equal(server.requests.length, 1)
    })

    it('and keeps what it found, with the list, until the key or the endpoint is another', async () => {
      const { one, test, server } = await testing(lists('a', 'b', 'c'))
      const card = await one.card('lab')
      assert.deepEqual(card.test, test)
      assert.equal(card.models, 3)
      assert.ok(card.listedAt !== undefined && Date.now() - card.listedAt < 5000)
      one.entries = { lab: { baseUrl: `${server.origin}/v2` } }
      assert.equal((await one.card('lab')).test, undefined)
      one.entries = { lab: { baseUrl: `${server.origin}/v1` } }
      assert.deepEqual((await one.card('lab')).test, test)
      one.page.keysChanged('lab')
      assert.equal((await one.card('lab')).test, undefined)
    })
  })

  describe('changes the settings of the person', () => {
    const entry = { baseUrl: 'http://127.0.0.1:1/v1', headers: { a: 'b' }, later: { unknown: [1] } }

    it('to switch a provider off and on, and leaves all else as it is', async () => {
      const one = window({ lab: entry, anthropic: {} })
      await one.page.act('disable', 'lab')
      await one.page.act('disable', 'openai')
      assert.deepEqual(one.entries, { lab: { ...entry, enabled: false }, openai: { enabled: false } })
      await one.page.act('enable', 'lab')
      await one.page.act('enable', 'openai')
      assert.deepEqual(one.entries, { lab: entry })
    })

    it('to switch a known service on that has nothing else in its entry', async () => {
      const one = window({ groq: { enabled: false } })
      await one.page.act('enable', 'groq')
      assert.equal((await one.card('groq')).enabled, true)
    })

    it('to set an endpoint, and to go back to its own', async () => {
      const one = window({ anthropic: { headers: { a: 'b' } } })
      one.boxes.answers = [' https://proxy.example/anthropic/ ']
      await one.page.act('edit-endpoint', 'anthropic')
      assert.deepEqual(one.entries, { anthropic: { headers: { a: 'b' }, baseUrl: 'https://proxy.example/anthropic' } })
      one.boxes.answers = ['']
      await one.page.act('edit-endpoint', 'anthropic')
      assert.deepEqual(one.entries, { anthropic: { headers: { a: 'b' } } })
      one.boxes.answers = [undefined]
      await one.page.act('edit-endpoint', 'anthropic')
      assert.deepEqual(one.entries, { anthropic: { headers: { a: 'b' } } })
    })

    it('but takes no address that cannot be asked, and none away from a server that has no other', async () => {
      const one = window({ lab: { baseUrl: 'http://127.0.0.1:1' } })
      for (const wrong of [
        '',
        'localhost',
        'ftp://host.example',
        'https://me:secret@host.example',
        'https://h.example?k=v',
      ]) {
        one.boxes.answers = [wrong]
        await assert.rejects(one.page.act('edit-endpoint', 'lab'), /the box takes no/)
      }
      assert.deepEqual(one.entries, { lab: { baseUrl: 'http://127.0.0.1:1' } })
    })

    it('and warns of an address in the open network that is not encrypted', () => {
      for (const safe of [
        'https://api.example',
        'http://localhost:1',
        'http://192.168.0.7',
        'http://box.local',
        'http://gateway',
      ])
        assert.equal(objection(safe), undefined, safe)
      assert.ok(typeof objection('http://api.example') === 'object')
    })

    it('to choose a default model from its list, and none', async () => {
      const server = await serve(lists('a', 'b'))
      const one = window({ anthropic: { baseUrl: server.origin } })
      await assert.rejects(one.page.act('default-model', 'anthropic'), /no models yet\. Test the connection first/)
      await one.setKey('anthropic', KEY)
      await one.page.test('anthropic')
      one.boxes.answers = ['B', 'No default']
      await one.page.act('default-model', 'anthropic')
      assert.equal(one.entries['anthropic']?.['defaultModel'], 'b')
      await one.page.act('default-model', 'anthropic')
      assert.deepEqual(one.entries, { anthropic: { baseUrl: server.origin } })
    })

    it('to remove a server with its keys, after a question, and nothing that is built in', async () => {
      const one = window({ lab: entry, groq: { label: 'Groq' } })
      await one.setKey('lab', KEY)
      await one.setKey('lab', KEY, 'work')
      one.boxes.answers = [false, true]
      await one.page.act('remove', 'lab')
      assert.ok(await one.has('lab'))
      const info = one.connections.info('lab')!
      await one.page.act('remove', 'lab')
      assert.deepEqual(one.boxes.questions, Array(2).fill('Remove lab, its settings and its 2 keys?'))
      assert.deepEqual(one.entries, { groq: { label: 'Groq' } })
      assert.deepEqual(await one.keys.profiles(info, { baseUrl: entry.baseUrl }), [])
      await assert.rejects(one.page.act('remove', 'anthropic'), /switched off, not removed/)
    })

    it('and says why where they cannot be written', async () => {
      const one = window()
      one.unwritable = 'The settings could not be written: there is an error in them.'
      await assert.rejects(one.page.act('disable', 'openai'), /there is an error in them/)
    })
  })

  describe('adds', () => {
    it('a service that is known, by its name alone, and asks for its key', async () => {
      const one = window({ groq: { label: 'Groq' } })
      one.boxes.answers = ['Mistral']
      assert.equal(await one.page.add(), 'mistral')
      assert.deepEqual(one.entries['mistral'], { label: 'Mistral', baseUrl: 'https://api.mistral.ai/v1' })
      assert.equal((await one.card('mistral')).kind, 'named')
      assert.deepEqual(one.boxes.commands, [['panelist.setApiKey', { provider: 'mistral' }]])
      const offered = one.boxes.picks[0]?.map(({ label }) => label)
      assert.ok(offered?.includes('LiteLLM') && offered.includes('Azure OpenAI') && !offered.includes('Groq'))
    })

    it('a server of any name and format, and tests it at once', async () => {
      const server = await serve(lists('a'))
      const one = window({ 'our-lab': { baseUrl: 'http://127.0.0.1:1' } })
      one.boxes.answers = ['OpenAI-compatible server…', 'Our lab!', `${server.origin}/v1/`, 'Responses']
      const id = await one.page.add()
      assert.equal(id, 'our-lab-2')
      assert.deepEqual(one.entries[id], {
        label: 'Our lab!',
        baseUrl: `${server.origin}/v1`,
        dialect: 'openai-responses',
      })
      await until(async () => (await one.card(id)).test?.ok === true)
    })

    it('a server that speaks Messages without asking for the format', async () => {
      const server = await serve(lists('a'))
      const one = window()
      one.boxes.answers = ['Anthropic-compatible server…', 'Proxy', server.origin]
      assert.equal(await one.page.add(), 'proxy')
      assert.equal(one.entries['proxy']?.['dialect'], 'anthropic')
    })

    it('the address of a LiteLLM gateway', async () => {
      const one = window()
      one.boxes.answers = ['LiteLLM', 'http://127.0.0.1:4000']
      assert.equal(await one.page.add(), 'litellm')
      assert.deepEqual(one.entries, { litellm: { baseUrl: 'http://127.0.0.1:4000' } })
    })

    it('nothing where the person leaves, whichever box it is', async () => {
      const whole = ['Azure OpenAI', 'Azure OpenAI', 'https://mine.openai.azure.com/openai/v1', 'Responses']
      for (let boxes = 0; boxes < whole.length; boxes++) {
        const one = window()
        one.boxes.answers = [...whole.slice(0, boxes), undefined]
        assert.equal(await one.page.add(), undefined)
        assert.deepEqual(one.entries, {})
      }
    })

    it('no second provider of the same name', async () => {
      const one = window()
      one.boxes.answers = ['OpenAI-compatible server…', 'openai']
      await assert.rejects(one.page.add(), /There is a provider named “openai” already/)
    })
  })

  it('hands keys over to the commands that ask for them, and asks before one is removed', async () => {
    const one = window()
    one.boxes.answers = [false, true]
    await one.page.act('set-key', 'anthropic', 'work')
    await one.page.act('add-key', 'anthropic')
    await one.page.act('prefer-key', 'anthropic', 'work')
    await one.page.act('remove-key', 'anthropic', 'work')
    await one.page.act('remove-key', 'anthropic', 'work')
    await one.page.act('sign-in', 'openrouter')
    await one.page.act('get-key', 'anthropic')
    const work = { provider: 'anthropic', profile: 'work' }
    assert.deepEqual(one.boxes.commands, [
      ['panelist.setApiKey', work],
      ['panelist.addApiKey', { provider: 'anthropic' }],
      ['panelist.setDefaultKey', work],
      ['panelist.removeApiKey', work],
      ['panelist.signIn', 'openrouter'],
    ])
    assert.deepEqual(one.boxes.opened, ['https://platform.claude.com/settings/keys'])
    await assert.rejects(one.page.act('set-key', 'nobody'), /no provider named “nobody”/)
  })
})

describe('entries of panelist.providers', () => {
  const plain = { noNullPrototype: true }
  const entries = fc.dictionary(
    fc.constantFrom('anthropic', 'lab', 'groq'),
    fc.dictionary(fc.constantFrom('baseUrl', 'enabled', 'defaultModel', 'headers', 'x'), fc.jsonValue(), plain),
    plain,
  )
  const change = fc.record(
    { baseUrl: fc.option(fc.webUrl(), { nil: undefined }), enabled: fc.constantFrom(false as const, undefined) },
    { requiredKeys: [], noNullPrototype: true },
  )

  it('change only in the fields that are named, and never lose one of another', () => {
    fc.assert(
      fc.property(entries, change, fc.constantFrom('anthropic', 'lab'), fc.boolean(), (before, changes, id, named) => {
        const kept = structuredClone(before)
        const after = withChange(before as Entries, id, changes, named)
        assert.deepEqual(before, kept)
        for (const other of Object.keys(before)) if (other !== id) assert.deepEqual(after[other], before[other])
        for (const [field, value] of Object.entries(before[id] ?? {})) {
          if (!(field in changes)) assert.deepEqual(after[id]?.[field], value)
        }
        for (const [field, value] of Object.entries(changes)) {
          const mark = field === 'enabled' && value === undefined && after[id]?.['enabled'] === true
          if (!mark) assert.deepEqual(after[id]?.[field], value)
        }
        if (named) assert.ok(Object.keys(after[id] ?? {}).length > 0)
      }),
    )
  })

  it('get ids that settings take and no other provider has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (name, taken) => {
        const id = freeId(name, [...taken, freeId(name, taken)])
        assert.match(id, /^[a-z0-9][a-z0-9_-]*$/)
        assert.ok(!taken.includes(id) && id !== freeId(name, taken))
      }),
    )
  })
})

/** The parts of a window as functions of their own. */
function bound(one: PageWindow) {
  return {
    page: one.page,
    keys: one.keys,
    connections: one.connections,
    card: one.card.bind(one),
    setKey: one.setKey.bind(one),
  }
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await done()); waited += 10) {
    assert.ok(waited < 30_000, 'it never came')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A port where nothing listens. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
