import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { McpDefinition } from '../../src/mcp/configuration/definition.ts'
import type { Progress } from '../../src/mcp/ports.ts'
import type { Desk, Listening } from './support.ts'
import { configured, context, desk, everythingOver, node, packaged, toolOf, until } from './support.ts'

type Reach = { definition: McpDefinition; listening?: Listening }

const ways: Record<string, () => Promise<Reach>> = {
  stdio: async () => ({ definition: node(packaged('everything')) }),
  'streamable HTTP': async () => {
    const listening = await everythingOver('streamableHttp')
    return { listening, definition: { transport: 'http', url: listening.url, headers: {} } }
  },
  SSE: async () => {
    const listening = await everythingOver('sse')
    return { listening, definition: { transport: 'sse', url: listening.url, headers: {} } }
  },
}

for (const [way, reach] of Object.entries(ways)) {
  describe(`the everything server over ${way}`, function () {
    this.timeout(90_000)
    let reached: Reach
    let open: Desk & AsyncDisposable

    before(async () => {
      reached = await reach()
      open = await desk([configured('everything', reached.definition)], {
        ports: {
          roots: () => [{ uri: 'file:///some/project', name: 'project' }],
          onElicit: async (request) =>
            request.mode === 'form' ? { action: 'accept', content: { name: 'Ada' } } : { action: 'decline' },
          onSample: async ({ messages }) => ({ model: 'test-model', text: `heard ${JSON.stringify(messages)}` }),
        },
      })
      await open.servers.server('everything').start()
    })

    after(async () => {
      await open[Symbol.asyncDispose]()
      await reached.listening?.[Symbol.asyncDispose]()
    })

    it('offers its tools by names of our own, and calls them', async () => {
      const echo = toolOf(open.servers, 'echo')
      assert.equal(echo.name, 'mcp_everything_echo')
      assert.deepEqual(echo.source, { kind: 'mcp', server: 'everything' })
      assert.deepEqual(await echo.run({ message: 'hi' }, context()), { output: [{ type: 'text', text: 'Echo: hi' }] })
      assert.equal(echo.describe({ message: 'hi' }), `everything: ${echo.title} (message: hi)`)
    })

    it('leaves out what works only as a task, and says so', () => {
      assert.ok(!open.servers.tools().some(({ tool }) => tool === 'simulate-research-query'))
      assert.ok(open.log.some((line) => /simulate-research-query was left out: it works only as a task/.test(line)))
    })

    it('tells the log of its requests, and neither of arguments nor of answers', async () => {
      await toolOf(open.servers, 'echo').run({ message: 'a private word' }, context())
      assert.ok(open.log.some((line) => /^everything debug client tools\/call was answered after \d+ ms$/.test(line)))
      assert.ok(!open.log.some((line) => line.includes('private word')))
    })

    it('counts as sending whatever the server says of itself', () => {
      const tools = open.servers.tools()
      assert.ok(tools.some(({ hints }) => hints.readOnly))
      assert.deepEqual([...new Set(tools.map(({ effect }) => effect))], ['send'])
    })

    it('gives bad arguments and unknown tools back as failed results', async () => {
      const outcome = await toolOf(open.servers, 'get-sum').run({ a: 'no number' }, context())
      assert.equal(outcome.failed, true)
      assert.match(JSON.stringify(outcome.output), /invalid/i)
    })

    it('turns images into files, and links and embedded resources into parts', async () => {
      const image = await toolOf(open.servers, 'get-tiny-image').run({}, context())
      const file = image.output.find((part) => part.type === 'file')
      assert.equal(file?.media.mediaType, 'image/png')
      assert.match(file?.media.data ?? '', /^iVBOR/)
      const links = await toolOf(open.servers, 'get-resource-links').run({ count: 2 }, context())
      assert.equal(
        links.output.filter((part) => part.type === 'text' && /^Resource link demo:/.test(part.text)).length,
        2,
      )
    })

    it('tells of progress, and stops a call that nobody wants any more', async () => {
      const steps: Progress[] = []
      const long = toolOf(open.servers, 'trigger-long-running-operation')
      const cancel = new AbortController()
      const call = long.run(
        { duration: 20, steps: 100 },
        context({ signal: cancel.signal, onProgress: (step) => steps.push(step) }),
      )
      await until(() => steps.length > 1, 'progress')
      assert.equal(steps[0]?.total, 100)
      const before = performance.now()
      cancel.abort()
      await assert.rejects(call, { name: 'McpError', code: 'cancelled', server: 'everything' })
      assert.ok(performance.now() - before < 10_000, 'it takes 20 s by itself')
    })

    it('asks the person and a model through us, and learns the folders of the workspace', async () => {
      const asked = await toolOf(open.servers, 'trigger-elicitation-request').run({}, context())
      assert.match(JSON.stringify(asked.output), /Ada/)
      const sampled = await toolOf(open.servers, 'trigger-sampling-request').run(
        { prompt: 'hello', maxTokens: 10 },
        context(),
      )
      assert.match(JSON.stringify(sampled.output), /test-model/)
      assert.match(JSON.stringify(sampled.output), /hello/)
      const roots = await toolOf(open.servers, 'get-roots-list').run({}, context())
      assert.match(JSON.stringify(roots.output), /some\/project/)
    })

    it('lists resources and templates, and reads them', async () => {
      const resources = await open.servers.resources('everything')
      const first = resources[0]
      assert.ok(first && resources.length > 2)
      const parts = await open.servers.readResource('everything', first.uri)
      assert.equal(parts[0]?.type, 'text')
      const templates = await open.servers.resourceTemplates('everything')
      const template = templates.find(({ template }) => template.includes('text'))
      assert.ok(template)
      const dynamic = await open.servers.readResource('everything', template.template.replace(/\{.*\}/, '7'))
      assert.match(JSON.stringify(dynamic), /Resource 7/)
    })

    it('tells who watches a resource that it changed', async () => {
      let told = 0
      const uri = 'demo://resource/dynamic/text/1'
      const leave = await open.servers.subscribe('everything', uri, () => (told += 1))
      await toolOf(open.servers, 'toggle-subscriber-updates').run({}, context())
      await until(() => told > 0, 'an update')
      leave()
      await toolOf(open.servers, 'toggle-subscriber-updates').run({}, context())
    })

    it('gives prompts with arguments, and proposals for them', async () => {
      const prompts = await open.servers.prompts('everything')
      const prompt = prompts.find(({ arguments: list }) => list.some(({ name }) => name === 'city'))
      assert.ok(prompt)
      const messages = await open.servers.prompt('everything', prompt.name, { city: 'Paris', state: 'x' })
      assert.match(JSON.stringify(messages), /Paris/)
      const completable = prompts.find(({ name }) => /complet/.test(name))
      assert.ok(completable)
      const words = await open.servers.complete('everything', { prompt: completable.name }, 'department', 'E')
      assert.deepEqual(words, ['Engineering'])
    })

    it('says what it logs', async () => {
      await toolOf(open.servers, 'toggle-simulated-logging').run({}, context())
      await until(() => open.log.some((line) => / server /.test(line)), 'a log line')
      await toolOf(open.servers, 'toggle-simulated-logging').run({}, context())
    })
  })
}

describe('the other official servers', function () {
  this.timeout(90_000)

  it('run side by side, each in its own folder', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'panelist-mcp-'))
    await writeFile(path.join(folder, 'note.txt'), 'found it')
    const memory = { ...node(packaged('memory')), env: { MEMORY_FILE_PATH: path.join(folder, 'memory.json') } }
    await using open = await desk([
      configured('filesystem', node(packaged('filesystem'), folder)),
      configured('memory', memory as McpDefinition),
    ])
    await open.servers.start()
    const read = await toolOf(open.servers, 'read_text_file').run({ path: path.join(folder, 'note.txt') }, context())
    assert.match(JSON.stringify(read.output), /found it/)
    const outside = await toolOf(open.servers, 'read_text_file').run({ path: '/etc/passwd' }, context())
    assert.equal(outside.failed, true)
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['writes programs'] }]
    await toolOf(open.servers, 'create_entities').run({ entities }, context())
    const graph = await toolOf(open.servers, 'read_graph').run({}, context())
    assert.match(JSON.stringify(graph.output), /writes programs/)
    const names = open.servers.tools().map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    await rm(folder, { recursive: true })
  })
})
