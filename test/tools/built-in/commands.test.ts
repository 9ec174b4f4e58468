import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandKeeper } from '../../../src/host/workspace-tools/processes.ts'
import { runCommand } from '../../../src/tools/built-in/run-command.ts'
import { Pieces, printed } from '../../../src/tools/built-in/text.ts'
import { PlainShell } from '../../../src/tools/machine/shell.ts'
import { processesWith } from '../../harness/processes.ts'
import { call } from './calls.ts'
import { FolderWorkspace, MemoryWorkspace } from './workspaces.ts'
import { worked } from '../../harness/steady.ts'

describe('run_command', () => {
  let folder: string
  const keeper = new CommandKeeper()
  const shell = new PlainShell('/bin/sh', keeper)
  after(() => keeper[Symbol.dispose]())
  const run = (command: string, more: { cwd?: string; timeout_seconds?: number } = {}, signal?: AbortSignal) =>
    call(runCommand(new FolderWorkspace(folder), shell), { command, ...more }, signal ? { signal } : {})
  /** Seconds that name the processes of one test among all of the machine. */
  const mark = (): string => `3${Math.floor(Math.random() * 1e8)}`
  /** Shells in shells that do not want to end. */
  const stubborn = (seconds: string): string =>
    `trap '' TERM INT; (trap '' TERM INT; sh -c 'exec sleep ${seconds}'; sleep ${seconds}) & echo begun; sleep ${seconds}; sleep ${seconds}`

  const begun = async (seconds: string): Promise<void> => {
    while (processesWith(seconds).length < 4) await pause(20)
  }

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-run-')))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives what a command wrote and its exit code, and shows both before', async () => {
    const ran = await run('echo out; echo err >&2; exit 3')
    assert.equal(ran.failed, false, 'the command failed, the tool did not')
    assert.match(ran.text, /^Exit code 3\.\n/)
    assert.deepEqual(ran.text.split('\n').slice(1).sort(), ['err', 'out'])
    assert.deepEqual(ran.preview, { kind: 'command', command: 'echo out; echo err >&2; exit 3', cwd: folder })
    assert.equal((await run('true')).text, 'Exit code 0.\n(It wrote nothing.)')
  })

  it('shows output as it comes', async () => {
    const seen: string[] = []
    const tool = runCommand(new FolderWorkspace(folder), shell)
    const context = {
      signal: new AbortController().signal,
      callId: '',
      conversation: '',
      onOutput: (text: string) => {
        writeFileSync(path.join(folder, 'seen'), '')
        seen.push(text)
      },
      onProgress() {},
    }
    await tool.run({ command: 'echo one; until [ -e seen ]; do sleep 0.05; done; echo two' }, context)
    assert.equal(seen[0], 'one\n')
    assert.equal(seen.join(''), 'one\ntwo\n')
  })

  it('ends a command that takes too long, with all it started', async () => {
    const seconds = mark()
    const running = run(stubborn(seconds), { timeout_seconds: 4 })
    await begun(seconds)
    const { failed, text } = await running
    assert.ok(failed)
    assert.match(text, /^It did not end within 4 seconds and was ended[^\n]*\nbegun$/)
    assert.deepEqual(processesWith(seconds), [])
  })

  it('ends a command when it is stopped, with all it started', async () => {
    const [stop, seconds] = [new AbortController(), mark()]
    const running = run(stubborn(seconds), {}, stop.signal)
    await begun(seconds)
    stop.abort()
    const { failed, text } = await running
    assert.ok(failed)
    assert.match(text, /^The person stopped it/)
    assert.deepEqual(processesWith(seconds), [])
  })

  it('does not wait for what a command leaves running', async () => {
    const [started, seconds] = [performance.now(), mark()]
    const { text } = await run(`sleep ${seconds} & echo done`)
    assert.match(text, /^Exit code 0\.\ndone$/)
    assert.ok(performance.now() - started < 30_000)
    const [left] = processesWith(seconds)
    assert.ok(left, 'it still runs')
    process.kill(left.pid)
  })

  it('ends a command with the host that runs it', async () => {
    const seconds = mark()
    const own = new CommandKeeper()
    const running = call(runCommand(new FolderWorkspace(folder), new PlainShell('/bin/sh', own)), {
      command: `sleep ${seconds} & sleep ${seconds}`,
    })
    while (processesWith(`sleep ${seconds}`).length < 2) await pause(20)
    await pause(500)
    own[Symbol.dispose]()
    await running
    for (let waited = 0; waited < 30_000 && processesWith(`sleep ${seconds}`).length > 0; waited += 50) await pause(50)
    assert.deepEqual(processesWith(`sleep ${seconds}`), [])
  })

  it('keeps the beginning and the end of long output', async () => {
    const { text } = await run('echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last')
    assert.ok(text.length < 31_000)
    assert.match(text, /^Exit code 0\.\nfirst\nx+\n\[[\d,]+ characters left out\. To see them[^\n]*\]\nx+\nlast$/)
  })

  it('gives no escapes, and of a line that was written over the last state', async () => {
    const { text, live } = await run(`printf '\\033[31mred\\033[0m\\a\\n10%%\\r100%%\\nend\\033]0;title\\007'`)
    assert.equal(text, 'Exit code 0.\nred\n100%\nend')

    assert.doesNotMatch(live, /[\u0000-\u0008\u000b-\u001f]/)
  })

  it('refuses what a terminal would take for keys, folders outside, and files elsewhere', async () => {
    assert.match((await run('ls\u0003')).text, /control characters/)
    assert.match((await run('ls\r')).text, /control characters/)
    assert.match((await run('ls', { cwd: '..' })).text, /leads out of the workspace/)
    assert.match((await run('ls', { cwd: 'gone' })).text, /gone is no folder/)
    const elsewhere = await call(runCommand(new MemoryWorkspace({}), shell), { command: 'ls' })
    assert.match(elsewhere.text, /only on this machine/)
  })

  it('gives programs none of the editor’s own variables, and no pager', async () => {
    process.env['VSCODE_IPC_HOOK'] = '/secret.sock'
    const { text } = await run('echo "[$VSCODE_IPC_HOOK] $PAGER"')
    delete process.env['VSCODE_IPC_HOOK']
    assert.equal(text, 'Exit code 0.\n[] cat')
  })
})

describe('output of programs', () => {
  it('is harmless in whichever pieces it comes', () => {
    const whole = 'a\u001b[1;31mb\u001b]8;;http://x\u0007c\u001b]8;;\u0007 😀\r\nd'
    for (let at = 0; at <= whole.length; at++) {
      for (let then = at; then <= whole.length; then++) {
        const pieces = new Pieces()
        const text = [whole.slice(0, at), whole.slice(at, then), whole.slice(then)]
          .map((piece) => pieces.next(piece))
          .join('')
        assert.equal(text, 'abc 😀\nd', `cut at ${at} and ${then}`)
      }
    }
  })

  it('is read in no time, whatever it is made of', () => {
    const time = worked(() => {
      for (const piece of ['\r', '\u001b', '\u001b[', '\u001b]', ' \r', '\n', '\u001b[0;']) {
        const text = piece.repeat(500_000)
        printed(`${text}x`)
        new Pieces().next(`${text}x`)
      }
    })
    assert.ok(time < 3000, `${time} ms`)
  }).timeout(60_000)

  it('shows the last state of each line', () => {
    assert.equal(printed('10%\r50%\r100%\r\nnext\r\r\nlast\r'), '100%\nnext\nlast')
  })
})
