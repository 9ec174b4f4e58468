/** Answers of a model for an MCP server, asked for and shown in the panel. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { StopSequences } from '../../src/host/mcp/stop-sequences.ts'
import type { Json } from '../../src/shared/json.ts'
import type { QuestionBody, QuestionView } from '../../src/shared/protocol.ts'
import { context, misbehaving, until } from '../mcp/support.ts'
import { chosen, end, FakePage, FakeWindow, askOnce, text } from './fakes.ts'
import { McpWindow } from './mcp-window.ts'

describe('a server that wants an answer of a model, with a panel in sight', function () {
  this.timeout(90_000)
  let window: FakeWindow
  let mcp: McpWindow
  let page: FakePage

  beforeEach(async () => {
    mcp = new McpWindow({
      entries: { sampler: { command: process.execPath, args: [misbehaving('sampler')] } },
      sampling: {
        store: () => window.services.store(),
        resilience: askOnce,
        choose: () => Promise.resolve(chosen),
        connect: async () => ({
          info: { id: 'anthropic', label: 'Anthropic', dialect: 'anthropic', defaultBaseUrl: '' },
          provider: window.provider,
          status: 'set',
        }),
      },
    })
    window = new FakeWindow({ mcp: mcp.page })
    page = new FakePage(window)
    await page.ready()
    mcp.hub.questions.see(true)
  })
  afterEach(async () => {
    page.session.dispose()
    await mcp.hub.dispose()
    window.close()
  })

  const shown = (): QuestionView[] =>
    page.batches.flatMap(({ events }) => events).findLast((event) => event.type === 'questions')?.questions ?? []
  const answered = new Set<string>()
  const asked = async <Kind extends QuestionBody['kind']>(kind: Kind) => {
    const isNew = (question: QuestionView): boolean => question.body.kind === kind && !answered.has(question.id)
    const { id, body } = await until(() => shown().find(isNew), kind)
    return { id, body: body as Extract<QuestionBody, { kind: Kind }> }
  }
  const answer = (id: string, action: 'accept' | 'decline') => {
    answered.add(id)
    return page.ask('answer-question', { id, answer: { action } })
  }
  const run = async (input: Json, signal = new AbortController().signal): Promise<string> => {
    const [tool] = await mcp.hub.tools()
    return JSON.stringify((await tool!.run(input, context({ signal }))).output).replaceAll('\\', '')
  }

  it('has model, words, limits and cost shown, then the answer, and gets what the person sends', async () => {
    const called = run({ prompt: 'What is a ring?', system: 'One word.', maxTokens: 50 })
    const first = await asked('sample')
    assert.deepEqual(
      [first.body.model, first.body.provider, first.body.output, first.body.system, first.body.messages],
      ['Claude Test', 'Anthropic', 50, 'One word.', [{ role: 'user', text: 'What is a ring?', files: 0 }]],
    )
    assert.ok(first.body.cost !== undefined && first.body.cost < 0.01)
    assert.equal(window.provider.requests.length, 0)
    await answer(first.id, 'accept')
    window.provider.send(...text('A queue.'), ...end('A queue.'))
    const second = await asked('sampled')
    assert.equal(second.body.text, 'A queue.')
    assert.equal(second.body.cost?.toFixed(6), '0.004500')
    const [request] = window.provider.requests
    assert.deepEqual([request?.system, request?.maxOutputTokens], ['One word.', 50])
    await answer(second.id, 'accept')
    assert.match(await called, /endTurn.*A queue\./)
    await until(() => shown().length === 0, 'answered')
    assert.deepEqual(mcp.boxes.dialogs, [])
  })

  it('gets nothing where the person says no, before or after the answer', async () => {
    const denied = run({ prompt: 'x', maxTokens: 5 })
    await answer((await asked('sample')).id, 'decline')
    assert.match(await denied, /The person said no/)
    assert.equal(window.provider.requests.length, 0)
    const kept = run({ prompt: 'x', maxTokens: 5 })
    await answer((await asked('sample')).id, 'accept')
    window.provider.send(...text('A secret.'), ...end('A secret.'))
    await answer((await asked('sampled')).id, 'decline')
    const said = await kept
    assert.match(said, /The person said no/)
    assert.doesNotMatch(said, /A secret/)
  })

  it('gets the answer up to the first of its stop sequences, and no more of it is read', async () => {
    const called = run({ prompt: 'Count', maxTokens: 500, stops: ['END', '###'] })
    const { id, body } = await asked('sample')
    assert.deepEqual(body.stops, ['END', '###'])
    await answer(id, 'accept')
    await until(() => window.provider.requests.length === 1, 'asked')
    const [start] = text('')
    // It never ends by itself, and the sequence comes in two pieces.
    const pieces = ['one two #', '## three', ' four']
    window.provider.send(start!, ...pieces.map((words) => ({ type: 'block-delta' as const, index: 0, text: words })))
    const second = await asked('sampled')
    assert.deepEqual([second.body.text, second.body.cut], ['one two ', 'stop'])
    assert.ok(second.body.cost !== undefined && second.body.cost > 0, 'its cost is estimated')
    await answer(second.id, 'accept')
    assert.match(await called, /stopSequence.*one two "/)
    const [record] = window.services.store().requests.list()
    assert.ok((record?.input ?? 0) > 0 && (record?.output ?? 0) > 0, 'and it is on record')
  })

  it('gets nothing more once the person stopped the call: question and request end with it', async () => {
    for (const kind of ['sample', 'sampled'] as const) {
      const stop = new AbortController()
      const called = run({ prompt: 'x', maxTokens: 5 }, stop.signal).catch(() => 'stopped')
      if (kind === 'sampled') {
        await answer((await asked('sample')).id, 'accept')
        window.provider.send(...text('Late.'), ...end('Late.'))
      }
      await asked(kind)
      stop.abort()
      assert.equal(await called, 'stopped')
      await until(() => shown().length === 0, 'taken back')
    }
  })
})

describe('stop sequences', () => {
  it('end an answer at the same place, however it comes in pieces', () => {
    const letter = fc.constantFrom('a', 'b', '#')
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: letter, maxLength: 4 }), { maxLength: 12 }),
        fc.string({ unit: letter, minLength: 1, maxLength: 3 }),
        (pieces, sequence) => {
          const stops = new StopSequences([sequence, ''])
          const block = { type: 'text' as const, text: '' }
          for (const piece of pieces) {
            block.text += piece
            if (stops.look([block])) break
          }
          const at = pieces.join('').indexOf(sequence)
          assert.equal(stops.met, at >= 0)
          assert.equal(stops.text([block]), at >= 0 ? pieces.join('').slice(0, at) : pieces.join(''))
        },
      ),
    )
  })
})
