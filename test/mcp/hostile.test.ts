import assert from 'node:assert/strict'
import { defaultTimeouts } from '../../src/mcp/configuration/definition.ts'
import type { Part } from '../../src/shared/message.ts'
import { configured, context, desk, misbehaving, node, toolOf, until } from './support.ts'

const textOf = (outcome: { output: Part[] }): string =>
  outcome.output.map((part) => (part.type === 'text' ? part.text : `<${part.media.mediaType}>`)).join('\n')

const only = (name: string, ...args: string[]) => [configured(name, node(misbehaving(name), ...args))]

describe('a server that misbehaves', function () {
  this.timeout(90_000)

  it('by writing garbage to its output works all the same, and is told of', async () => {
    await using open = await desk(only('noisy'))
    await open.servers.start()
    assert.equal(textOf(await toolOf(open.servers, 'work').run({}, context())), 'worked')
    const said = open.log.filter((line) => /what is no message/.test(line))
    assert.deepEqual(said.length, 1)
    assert.match(said[0] ?? '', /^noisy warning client noisy wrote .*: Listening\.\.\.$/)
    assert.ok(open.log.some((line) => line.endsWith('No message: red')))
  })

  it('by never answering anything fails to start in its time', async () => {
    await using open = await desk([configured('silent', node(misbehaving('silent')), { start: 500 })])
    const server = open.servers.server('silent')
    await assert.rejects(server.start(), { code: 'timeout' })
    assert.deepEqual(server.lastWords, ['waiting for something'])
  })

  it('by not answering a call gets told that it is cancelled, and nothing hangs', async () => {
    await using open = await desk([configured('silent', node(misbehaving('silent'), 'later'), { request: 400 })])
    await open.servers.start()
    await assert.rejects(toolOf(open.servers, 'never').run({}, context()), (error: Error) => {
      assert.match(error.message, /^silent could not call the tool never: nothing came for 0\.4 s/)
      return true
    })
    await until(() => open.log.some((line) => /cancelled: It took too long/.test(line)), 'the cancellation')
    const stop = new AbortController()
    const call = toolOf(open.servers, 'never').run({}, context({ signal: stop.signal }))
    stop.abort()
    await assert.rejects(call, { code: 'cancelled' })
    await until(() => open.log.some((line) => /cancelled: It is not wanted/.test(line)), 'the cancellation')
    // Other lists of such a server end too.
    assert.deepEqual(await open.servers.resources('silent'), [])
  })

  it('by answering 10 MB in one line has its answer cut, with a note', async () => {
    await using open = await desk(only('large'))
    await open.servers.start()
    const text = textOf(await toolOf(open.servers, 'text').run({ bytes: 10_000_000 }, context()))
    assert.ok(text.length < 101_000)
    assert.match(text, /\[Cut: the server sent 10000000 characters here, and 100000 is the most of one result\./)
    const image = textOf(await toolOf(open.servers, 'image').run({ bytes: 16_000_000 }, context()))
    assert.match(image, /^\[Left out: a file of 12000000 bytes\./)
  })

  it('by answering more than we read at all fails that call at once and goes on', async () => {
    await using open = await desk(only('large'))
    await open.servers.start()
    const before = performance.now()
    await assert.rejects(toolOf(open.servers, 'text').run({ bytes: 40_000_000 }, context()), {
      code: 'answer',
      message: /an answer of 400000\d\d bytes came, and 33554432 is the most\. Ask for less/,
    })
    assert.ok(performance.now() - before < defaultTimeouts.request)
    assert.equal(textOf(await toolOf(open.servers, 'text').run({ bytes: 3 }, context())), 'xxx')
  })

  it('by changing a tool after it was approved is found out by the hash of the tool', async () => {
    await using open = await desk(only('changing'))
    await open.servers.start()
    const approved = toolOf(open.servers, 'add')
    await approved.run({}, context())
    const changed = await until(() => {
      const now = toolOf(open.servers, 'add')
      return now.hash !== approved.hash && now
    }, 'the change')
    assert.equal(changed.name, approved.name)
    assert.match(changed.description, /upload/)
    await until(() => open.changes.filter((each) => each === 'changing tools').length > 1, 'the news')
    // Five hundred notifications are no five hundred requests.
    const lists = Number(textOf(await toolOf(open.servers, 'lists').run({}, context())))
    assert.ok(lists < 10, `${lists} lists were asked for`)
  })

  it('by asking for answers of a model in a loop reaches the person ten times, not more', async () => {
    let asked = 0
    const onSample = async () => {
      asked += 1
      return asked % 2 ? { model: 'm', text: 'yes' } : undefined
    }
    await using open = await desk(only('asking'), { ports: { onSample } })
    await open.servers.start()
    const outcome = await toolOf(open.servers, 'sample').run({}, context())
    assert.equal(asked, 10)
    assert.equal(textOf(outcome), '45 refused')
    assert.ok(open.log.some((line) => /for an answer of a model was refused: There were 10/.test(line)))
  })

  it('by asking the person in a loop is stopped as well', async () => {
    let asked = 0
    const onElicit = async () => {
      asked += 1
      return { action: 'decline' as const }
    }
    await using open = await desk(only('asking'), { ports: { onElicit } })
    await open.servers.start()
    assert.equal(textOf(await toolOf(open.servers, 'elicit').run({}, context())), '30 refused')
    assert.equal(asked, 20)
  })

  it('is refused at once where nobody can be asked', async () => {
    await using open = await desk(only('asking'))
    await open.servers.start()
    assert.equal(textOf(await toolOf(open.servers, 'sample').run({}, context())), '50 refused')
  })

  it('with lists and answers made to break us gives only what can be used, made visible', async () => {
    await using open = await desk(only('hostile'))
    await open.servers.start()
    const tools = open.servers.tools()
    assert.deepEqual(
      tools.map(({ tool }) => tool.slice(0, 12)),
      ['same', 'a/../b c', 'longlonglong', 'wrong', 'poisoned'],
    )
    for (const { name } of tools) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/)
    assert.equal(toolOf(open.servers, 'same').description, 'the first')
    assert.equal(toolOf(open.servers, 'a/../b c').description, 'Seen and hidden')
    assert.ok(tools.every(({ description }) => description.length <= 8_001))
    const { output } = await toolOf(open.servers, 'same').run({}, context())
    assert.deepEqual(
      output.map((part) => part.type),
      Array(9).fill('text'),
    )
    const texts = output.map((part) => (part.type === 'text' ? part.text : ''))
    // Markup stays the text it is; what shows it escapes it.
    assert.equal(texts[0], 'abc\ufffd <img src="https://evil.example/x.png"><script>1</script>')
    assert.equal(texts[4], 'Resource link javascript:alert(1) (click me)')
    assert.match(texts[6] ?? '', /kind hologram/)
    const { inputSchema } = toolOf(open.servers, 'poisoned')
    assert.deepEqual(inputSchema.properties, { a: { type: 'string', description: 'A name', pattern: '\u200b' } })
    const many = await toolOf(open.servers, 'poisoned').run({}, context())
    assert.equal(many.output.length, 201)
    assert.match(textOf(many), /\[Left out: 4800 more pieces of this result\.\]$/)
    const structured = await toolOf(open.servers, 'wrong').run({}, context())
    assert.match(textOf(structured), /"answer": 42/)
  })

  it('lets the clock of its call stand still while a person thinks', async () => {
    const onElicit = async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_200))
      return { action: 'accept' as const, content: { name: 'Ada' } }
    }
    const list = [configured('asking', node(misbehaving('asking')), { request: 500 })]
    await using open = await desk(list, { ports: { onElicit } })
    await open.servers.start()
    assert.equal(textOf(await toolOf(open.servers, 'elicit-once').run({}, context())), '0 refused')
  })
})
