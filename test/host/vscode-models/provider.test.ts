import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { offer } from '../../../src/host/vscode-models/offer.ts'
import { FailureError } from '../../../src/shared/failure.ts'
import type { Message } from '../../../src/shared/message.ts'
import type { Gathered } from '../../harness/contract.ts'
import { gather } from '../../harness/contract.ts'
import { CallPart, ChatMessage, DataPart, FakeModel, FakeWindow, TextPart, ThinkingPart, saying } from './fake-api.ts'

const idle = new AbortController().signal
const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]
const request = { model: 'acme/one', messages }
const providerOf = (...models: FakeModel[]) => offer(new FakeWindow(...models).api).create()

async function answered(...parts: unknown[]): Promise<Gathered> {
  const model = new FakeModel('acme', 'one', { reply: () => saying(parts) })
  return gather(providerOf(model).stream(request, idle))
}

/** An answer that says this and then breaks. */
async function broken(error: unknown, ...parts: unknown[]): Promise<Gathered> {
  const reply = async function* () {
    yield* saying(parts)
    throw error
  }
  return gather(providerOf(new FakeModel('acme', 'one', { reply })).stream(request, idle))
}

const usagePart = (raw: unknown) => new DataPart(new TextEncoder().encode(JSON.stringify(raw)), 'usage')
const coded = (code: string, message = '') => Object.assign(new Error(message), { name: 'LanguageModelError', code })

describe('The list of VS Code’s models', () => {
  it('tells what VS Code tells: vendor, name, context and abilities', async () => {
    const capabilities = { supportsToolCalling: true, supportsImageToText: false }
    const [model] = await providerOf(new FakeModel('acme', 'one', { capabilities })).listModels(idle)
    const { note, ...told } = model ?? assert.fail('no model')
    assert.deepEqual(told, {
      id: 'acme/one',
      provider: 'vscode',
      name: 'Fake one',
      contextWindow: 8000,
      tools: true,
      images: false,
      source: 'provider',
    })
    assert.match(note ?? '', /“acme”.*neither usage nor cost/)
  })

  it('claims no ability where VS Code tells none', async () => {
    const [model] = await providerOf(new FakeModel('acme', 'one')).listModels(idle)
    assert.ok(model && !('tools' in model) && !('images' in model))
  })

  it('holds two vendors’ models of one id as two, and asks the one that was chosen', async () => {
    const first = new FakeModel('acme', 'one', { reply: () => saying([new TextPart('of acme')]) })
    const second = new FakeModel('rival', 'one', { reply: () => saying([new TextPart('of rival')]) })
    const provider = providerOf(first, second)
    const ids = (await provider.listModels(idle)).map(({ id }) => id)
    assert.deepEqual(ids, ['acme/one', 'rival/one'])
    const { message } = await gather(provider.stream({ model: 'rival/one', messages }, idle))
    assert.deepEqual(message.content, [{ type: 'text', text: 'of rival' }])
    assert.deepEqual(message.origin, { provider: 'vscode', dialect: 'vscode', model: 'rival/one' })
  })

  it('takes the first of two that one vendor gives one id', async () => {
    const first = new FakeModel('acme', 'one', { reply: () => saying([new TextPart('first')]) })
    const provider = providerOf(first, new FakeModel('acme', 'one', { reply: () => saying([new TextPart('second')]) }))
    assert.equal((await provider.listModels(idle)).length, 1)
    const { message } = await gather(provider.stream(request, idle))
    assert.deepEqual(message.content, [{ type: 'text', text: 'first' }])
  })

  it('ends with the signal and says that it was late, though an extension never answers', async () => {
    const window = new FakeWindow()
    const never = {
      ...window.api,
      lm: { ...window.api.lm, selectChatModels: () => new Promise<never>(() => undefined) },
    }
    const listing = offer(never).create().listModels(AbortSignal.timeout(20))
    await assert.rejects(
      listing,
      (error) => error instanceof FailureError && error.failure.code === 'timeout' && /Try again/.test(error.message),
    )
  })
})

describe('A model of VS Code', () => {
  it('is found among its own vendor’s, also where ids hold slashes, and kept until models change', async () => {
    const window = new FakeWindow(new FakeModel('acme', 'org/one'), new FakeModel('rival', 'one'))
    const models = offer(window.api)
    const provider = models.create()
    const say = () => gather(provider.stream({ model: 'acme/org/one', messages }, idle))
    await say()
    await say()
    assert.deepEqual(window.selected, [{ vendor: 'acme' }])
    window.changed.fire()
    await say()
    assert.equal(window.selected.length, 2)
    models.dispose()
    assert.equal(window.changed.size, 0)
  })

  it('that went away is a failure that says so', async () => {
    const window = new FakeWindow(new FakeModel('acme', 'one'))
    const models = offer(window.api)
    assert.equal(await models.available(), true)
    window.models = []
    window.changed.fire()
    assert.equal(await models.available(), false)
    const { stop } = await gather(models.create().stream(request, idle))
    assert.ok(stop.kind === 'failed' && stop.failure.code === 'not-found')
    assert.match(stop.failure.message, /does not offer the model “acme\/one” any more/)
  })
})

describe('An answer of a model of VS Code', () => {
  it('keeps the contract, whatever parts it is made of', async () => {
    const part = fc.oneof(
      fc.string().map((value) => new TextPart(value)),
      fc.tuple(fc.string(), fc.string()).map(([id, name]) => new CallPart(id, name, {})),
      fc
        .tuple(fc.uint8Array(), fc.constantFrom('image/png', 'usage', 'stateful_marker', ''))
        .map(([data, type]) => new DataPart(data, type)),
      fc.string().map((value) => new ThinkingPart(value)),
      fc.anything(),
    )
    const property = fc.asyncProperty(fc.array(part), async (parts) => {
      const { message, stop } = await answered(...parts)
      const texts = parts.filter((each) => each instanceof TextPart).map(({ value }) => value)
      const said = message.content.filter(({ type }) => type === 'text').map((block) => 'text' in block && block.text)
      assert.equal(said.join(''), texts.join(''), 'no text is lost')
      assert.equal(stop.kind, parts.some((each) => each instanceof CallPart) ? 'tools' : 'done')
    })
    await fc.assert(property, { numRuns: 300 })
  })

  it('holds text, thinking and two calls beside each other in their order', async () => {
    const { message, stop } = await answered(
      new ThinkingPart(['Which', ' file?']),
      new TextPart('Both '),
      new TextPart('files.'),
      new CallPart('a', 'read', { path: 'a.ts' }),
      new CallPart('', 'read', { path: 'b.ts' }),
    )
    const [thought, text, first, second] = message.content
    assert.deepEqual(thought, { type: 'thinking', text: 'Which file?' })
    assert.deepEqual(text, { type: 'text', text: 'Both files.' })
    const call = { type: 'tool-call', name: 'read', ranBy: 'host' }
    assert.deepEqual(first, { ...call, id: 'a', json: '{"path":"a.ts"}', input: { path: 'a.ts' } })
    assert.ok(second?.type === 'tool-call' && second.id !== '', 'a call without an id gets one')
    assert.equal(stop.kind, 'tools')
  })

  it('passes over parts that nobody knows', async () => {
    const { message } = await answered(new TextPart('a'), { value: 'secret' }, null, 7, new TextPart('b'))
    assert.deepEqual(message.content, [{ type: 'text', text: 'ab' }])
  })

  it('has an estimated usage and no cost where the vendor counts nothing', async () => {
    const { message } = await answered(new TextPart('a'.repeat(400)))
    const { usage } = message
    assert.deepEqual([usage.estimated, usage.output, usage.cost], [true, 100, undefined])
    assert.ok(usage.input > 0)
  })

  it('has the vendor’s own count where one comes, and still no cost', async () => {
    const counted = { prompt_tokens: 30, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 10 }, cost: 3 }
    const { message } = await answered(new TextPart('a'), usagePart(counted))
    const { wire: _, ...usage } = message.usage
    assert.deepEqual(usage, { input: 20, output: 5, cacheRead: 10, cacheWrite: 0 })
    assert.deepEqual(message.content, [{ type: 'text', text: 'a' }])
  })

  it('takes a count of nothing for none', async () => {
    const { message } = await answered(new TextPart('a'), usagePart({ prompt_tokens: 0, completion_tokens: 0 }))
    assert.equal(message.usage.estimated, true)
  })

  it('ends at Stop at once, cancels the vendor’s token and keeps words and an estimate', async () => {
    const abort = new AbortController()
    const reply = async function* () {
      yield new TextPart('word '.repeat(400))
      yield new TextPart('more')
      await sleep(60_000, undefined, { ref: false })
    }
    const model = new FakeModel('acme', 'one', { reply })
    const { message, stop } = await gather(providerOf(model).stream(request, abort.signal), (event) => {
      if (event.type === 'block-delta' && event.text === 'more') setImmediate(() => abort.abort())
    })
    assert.equal(stop.kind, 'aborted')
    assert.equal(model.requests[0]?.token.isCancellationRequested, true)
    assert.match(JSON.stringify(message.content), /more/)
    assert.deepEqual([message.usage.estimated, message.usage.output], [true, 500])
  })

  it('cancels the vendor’s token when its reader leaves', async () => {
    const reply = async function* () {
      for (;;) {
        yield new TextPart('on and on ')
        await sleep(1)
      }
    }
    const model = new FakeModel('acme', 'one', { reply })
    for await (const event of providerOf(model).stream(request, idle)) if (event.type === 'block-delta') break
    assert.equal(model.requests[0]?.token.isCancellationRequested, true)
  })

  it('is not asked for where Stop came first', async () => {
    const model = new FakeModel('acme', 'one')
    const { stop } = await gather(providerOf(model).stream(request, AbortSignal.abort()))
    assert.equal(stop.kind, 'aborted')
    assert.equal(model.requests.length, 0)
  })
})

describe('A failure of a model of VS Code', () => {
  const cases: [string, unknown, string, RegExp][] = [
    ['consent that was refused', coded('NoPermissions'), 'permission', /allow it when VS Code asks/],
    ['a model that is gone', coded('NotFound'), 'not-found', /Choose another model/],
    ['a block', coded('Blocked'), 'quota', /quota is used up, or it is blocked/],
    ['a block for too many requests', coded('Blocked', 'Rate limit exceeded'), 'rate-limit', /Try again later/],
    ['a conversation that is too long', new Error('prompt is too long: 9 tokens'), 'context-length', /new chat/],
    ['a vendor without a key', coded('Unknown', '401 Unauthorized'), 'auth', /Sign in or set its key/],
    ['a network that fails', new TypeError('fetch failed'), 'network', /Check your network/],
    [
      'a request that VS Code cancelled',
      Object.assign(new Error('Canceled'), { name: 'Canceled' }),
      'truncated',
      /cancelled/,
    ],
    ['anything else', new Error('The gears broke'), 'unknown', /Try again/],
    ['what is no error', 'gears', 'unknown', /Try again/],
  ]
  for (const [name, error, code, message] of cases) {
    it(`says what to do about ${name}`, async () => {
      const { message: answer, stop } = await broken(error, new TextPart('So far'))
      assert.ok(stop.kind === 'failed', stop.kind)
      assert.equal(stop.failure.code, code)
      assert.match(stop.failure.message, message)
      assert.match(stop.failure.message, /^[A-Z].*acme\/one.*\.$/)
      assert.deepEqual(answer.content, [{ type: 'text', text: 'So far' }], 'what had come is kept')
    })
  }

  it('repeats no key that the vendor’s words hold', async () => {
    const { stop } = await broken(new Error('The key sk-abcdefgh12345678 is wrong'))
    assert.ok(stop.kind === 'failed' && stop.failure.detail?.includes('[redacted]'))
  })
})

describe('Counting with a model of VS Code', () => {
  it('asks once for all words and once for all images', async () => {
    const model = new FakeModel('acme', 'one')
    model.count = (what) => (what instanceof ChatMessage ? 1000 : what.length)
    const media = { mediaType: 'image/png', data: 'aGVsbG8=' }
    const content = [{ type: 'text' as const, text: 'Look' }, ...[1, 2].map(() => ({ type: 'file' as const, media }))]
    const system = 'Be brief.'
    const count = await providerOf(model).countTokens?.(
      { ...request, system, messages: [{ role: 'user', content }] },
      idle,
    )
    assert.equal(model.counted.length, 2)
    assert.equal(model.counted[0], 'Be brief.\nLook')
    assert.equal(count, 1000 + 'Be brief.\nLook'.length)
  })

  it('takes no count for a failure, so that nobody shows a conversation of 0 tokens', async () => {
    const counting = providerOf(new FakeModel('acme', 'one')).countTokens?.(request, idle)
    await assert.rejects(counting ?? Promise.resolve(), FailureError)
  })

  it('fails for a model that is gone', async () => {
    const counting = providerOf().countTokens?.(request, idle)
    await assert.rejects(
      counting ?? Promise.resolve(),
      (error) => error instanceof FailureError && error.failure.code === 'not-found',
    )
  })
})
