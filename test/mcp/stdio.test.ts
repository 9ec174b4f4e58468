import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { environmentOf, findCommand, forWindows } from '../../src/mcp/stdio/command.ts'
import { Lines } from '../../src/mcp/stdio/lines.ts'
import { Watchdog } from '../../src/mcp/stdio/watchdog.ts'
import { processesOf, until } from './support.ts'
import { SteadyTime } from '../harness/steady.ts'

describe('the lines of a stream', () => {
  it('are the same however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', ''))
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 20 })), (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const lines = new Lines(1_000)
        const got: string[] = []
        for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
          const size = sizes[turn % (sizes.length || 1)] ?? 7
          got.push(...lines.push(bytes.subarray(start, start + size)).map(({ text }) => text))
          start += size
        }
        assert.deepEqual(got, texts)
        assert.equal(lines.rest(), undefined)
      }),
    )
  })

  it('keep of one that is too long its two ends and its size', () => {
    const lines = new Lines(2_000)
    for (let time = 0; time < 1_000; time += 1) assert.deepEqual(lines.push(Buffer.alloc(1_000, 'x')), [])
    const [long, next] = lines.push(Buffer.from('the end\nnext\n'))
    assert.equal(long?.truncated?.bytes, 1_000_007)
    assert.match(long?.text ?? '', /^x+$/)
    assert.match(long?.truncated?.tail ?? '', /x+the end$/)
    assert.deepEqual(next, { text: 'next' })
  })
})

describe('the command of a server', () => {
  it('is looked for along its own PATH, and a path is taken from its folder', () => {
    const found = findCommand('sh', { PATH: '/no/such:/bin' }, '/')
    assert.equal(found, '/bin/sh')
    assert.equal(findCommand('sh', { PATH: '/no/such' }, '/'), undefined)
    assert.equal(findCommand('./sh', { PATH: '' }, '/bin'), '/bin/sh')
    assert.equal(findCommand(tmpdir(), { PATH: '' }, '/'), undefined)
  })

  it('gets an environment without anything secret', () => {
    process.env.PANELIST_TEST_TOKEN = 'secret'
    const env = environmentOf({ OWN: 'own', HOME: null })
    delete process.env.PANELIST_TEST_TOKEN
    assert.equal(env.OWN, 'own')
    assert.equal(env.PATH, process.env.PATH)
    assert.ok(!('HOME' in env) && !('PANELIST_TEST_TOKEN' in env))
  })

  it('that is a batch file gets its arguments through two readings of cmd', () => {
    const { args, verbatim } = forWindows('C:\\npx.cmd', ['-y', 'a b', 'x&calc', '"%PATH%"', 'end\\'])
    assert.equal(verbatim, true)
    const line = args.at(-1) ?? ''
    // Nothing that cmd understands stands without a caret before it.
    assert.doesNotMatch(line.slice(1, -1).replace(/\^./g, ''), /[&|<>%"]/)
    assert.deepEqual(forWindows('C:\\node.exe', ['a b']), { file: 'C:\\node.exe', args: ['a b'] })
  })
})

describe('the watchdog', () => {
  it('that cannot run is given up, and holds nobody up', async () => {
    for (const program of ['/bin/false', '/no/such/program']) {
      using watchdog = new Watchdog(program)
      using time = new SteadyTime()
      const before = performance.now()
      await watchdog.guard(2 ** 22 + 1)
      assert.ok(time.between(before) < 3_000)
      assert.equal(watchdog.works, false)
      await watchdog.guard(2 ** 22 + 2)
    }
  })

  it('comes back when somebody ends it', async () => {
    using watchdog = new Watchdog()
    await watchdog.guard(2 ** 22 + 1)
    const [first] = processesOf('signalTree')
    assert.ok(first)
    process.kill(first, 'SIGKILL')
    await until(() => processesOf('signalTree').some((pid) => pid !== first), 'another watchdog')
    watchdog.release(2 ** 22 + 1)
  })
})
