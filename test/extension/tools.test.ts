import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { WorkspaceTools } from '../../src/host/workspace-tools/index.ts'
import { workspaceTools } from '../../src/host/workspace-tools/index.ts'
import type { Json } from '../../src/shared/json.ts'
import { builtInTools } from '../../src/tools/built-in/index.ts'
import { fetchUrl } from '../../src/tools/built-in/web/fetch-url.ts'
import { LocalNet } from '../../src/tools/machine/net.ts'
import { processesWith } from '../harness/processes.ts'
import type { Called } from '../tools/built-in/calls.ts'
import { call } from '../tools/built-in/calls.ts'
import { until } from './window.ts'

describe('built-in tools in VS Code', () => {
  const root = vscode.workspace.workspaceFolders![0]!.uri
  const folder = path.join(root.fsPath, 'tools')
  const at = (name: string): string => path.join(folder, name)
  const uri = (name: string): vscode.Uri => vscode.Uri.joinPath(root, 'tools', name)
  let ports: WorkspaceTools
  const use = (name: string, input: Json, signal?: AbortSignal): Promise<Called> => {
    const tool = builtInTools(ports).find((each) => each.name === name)
    assert.ok(tool, name)
    return call(tool, input, signal ? { signal } : {})
  }
  const undo = async (name: string): Promise<vscode.TextDocument> => {
    const { document } = await vscode.window.showTextDocument(uri(name), { preview: false })
    await vscode.commands.executeCommand('undo')
    return document
  }

  before(() => {
    ports = workspaceTools(() => [])
  })
  after(() => ports.terminal.dispose())
  beforeEach(() => mkdirSync(folder, { recursive: true }))
  afterEach(async () => {
    for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
      await vscode.window.showTextDocument(document)
      await vscode.commands.executeCommand('workbench.action.files.revert')
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors')
    rmSync(folder, { recursive: true, force: true })
  })

  const encodings: [string, (text: string) => Buffer][] = [
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-8 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
    ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ]
  for (const [name, encode] of encodings) {
    it(`read and edit ${name} with the file’s line endings, and undo takes it back to the same bytes`, async () => {
      for (const end of ['\n', '\r\n']) {
        const file = `${name.replaceAll(' ', '-')}${end.length}.txt`
        const original = encode(['één', 'twee', 'drie', ''].join(end))
        writeFileSync(at(file), original)
        assert.equal((await use('read_file', { path: `tools/${file}` })).text, '1\téén\n2\ttwee\n3\tdrie')
        const edits = [
          { old_text: 'twee\n', new_text: '2\n2b\n' },
          { old_text: 'één', new_text: '1' },
        ]
        const { text, failed } = await use('edit_file', { path: `tools/${file}`, edits })
        assert.ok(!failed && /^Edited tools\/\S+ in 2 places\.$/.test(text), text)
        assert.deepEqual(readFileSync(at(file)), encode(['1', '2', '2b', 'drie', ''].join(end)))
        const document = await undo(file)
        assert.equal(document.getText(), ['één', 'twee', 'drie', ''].join(end), 'one step takes all edits back')
        await document.save()
        assert.deepEqual(readFileSync(at(file)), original)
      }
    })
  }

  it('replace a whole file in one step that undo takes back', async () => {
    writeFileSync(at('a.txt'), 'one\r\ntwo\r\nthree\r\n')
    const { text } = await use('write_file', { path: 'tools/a.txt', content: 'one\n2\nthree\n' })
    assert.equal(text, 'Replaced tools/a.txt (3 lines).')
    assert.equal(readFileSync(at('a.txt'), 'utf8'), 'one\r\n2\r\nthree\r\n')
    assert.equal((await undo('a.txt')).getText(), 'one\r\ntwo\r\nthree\r\n')
  })

  it('edit several files in one call, or none of them', async () => {
    writeFileSync(at('one.txt'), 'one\r\n')
    writeFileSync(at('two.txt'), 'two\n')
    const edits = [
      { path: 'tools/one.txt', old_text: 'one\n', new_text: '1\nmore\n' },
      { path: 'tools/two.txt', old_text: 'two', new_text: '2' },
    ]
    const { text } = await use('edit_file', { edits })
    assert.equal(text, 'Edited tools/one.txt in 1 place.\nEdited tools/two.txt in 1 place.')
    const contents = (): string[] => ['one.txt', 'two.txt'].map((name) => readFileSync(at(name), 'utf8'))
    assert.deepEqual(contents(), ['1\r\nmore\r\n', '2\n'])
    const broken = [
      { path: 'tools/one.txt', old_text: 'more', new_text: 'less' },
      { path: 'tools/two.txt', old_text: 'three', new_text: '3' },
    ]
    assert.equal((await use('edit_file', { edits: broken })).failed, true)
    assert.deepEqual(contents(), ['1\r\nmore\r\n', '2\n'])
  })

  it('make a file with the folders above it, and undo takes it away', async () => {
    const { text } = await use('write_file', { path: 'tools/new/deep/a.txt', content: 'made\n' })
    assert.equal(text, 'Made tools/new/deep/a.txt (1 line).')
    assert.equal(readFileSync(at('new/deep/a.txt'), 'utf8'), 'made\n')
    await vscode.window.showTextDocument(uri('new/deep/a.txt'))
    await vscode.commands.executeCommand('undo')
    await until(() => !existsSync(at('new/deep/a.txt')))
  })

  it('edit the buffer of an editor with unsaved changes, and leave saving to the person', async () => {
    writeFileSync(at('held.txt'), 'one\ntwo\n')
    const editor = await vscode.window.showTextDocument(uri('held.txt'))
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'unsaved\n'))
    assert.match((await use('read_file', { path: 'tools/held.txt' })).text, /^1\tunsaved\n[\s\S]*unsaved changes/)
    const { text } = await use('edit_file', {
      path: 'tools/held.txt',
      edits: [{ old_text: 'unsaved\none', new_text: 'both' }],
    })
    assert.match(text, /It is not saved yet/)
    assert.equal(editor.document.getText(), 'both\ntwo\n')
    assert.equal(editor.document.isDirty, true)
    assert.equal(readFileSync(at('held.txt'), 'utf8'), 'one\ntwo\n')
    await vscode.commands.executeCommand('undo')
    assert.equal(editor.document.getText(), 'unsaved\none\ntwo\n')
  })

  it('save an edit of a file that is open and clean', async () => {
    writeFileSync(at('clean.txt'), 'one\n')
    const { document } = await vscode.window.showTextDocument(uri('clean.txt'))
    await use('edit_file', { path: 'tools/clean.txt', edits: [{ old_text: 'one', new_text: 'two' }] })
    assert.equal(document.isDirty, false)
    assert.equal(readFileSync(at('clean.txt'), 'utf8'), 'two\n')
  })

  it('read and edit what is on the disk, also where an open editor has not noticed a change of it', async () => {
    writeFileSync(at('behind.txt'), 'one\n')
    const { document } = await vscode.window.showTextDocument(uri('behind.txt'))
    writeFileSync(at('behind.txt'), 'one\nby a command\n')
    assert.equal((await use('read_file', { path: 'tools/behind.txt' })).text, '1\tone\n2\tby a command')
    const edits = [{ old_text: 'one', new_text: 'two' }]
    const { text } = await use('edit_file', { path: 'tools/behind.txt', edits })
    assert.equal(text, 'Edited tools/behind.txt in 1 place.')
    assert.equal(readFileSync(at('behind.txt'), 'utf8'), 'two\nby a command\n')
    assert.equal(document.getText(), 'two\nby a command\n')
  })

  it('say what the editor changed beside the edit when it saved', async () => {
    writeFileSync(at('formatted.txt'), 'one\n')
    const formatter = vscode.workspace.onWillSaveTextDocument((event) => {
      if (!event.document.uri.path.endsWith('formatted.txt')) return
      event.waitUntil(Promise.resolve([vscode.TextEdit.insert(new vscode.Position(0, 0), '// formatted\n')]))
    })
    const { text } = await use('edit_file', {
      path: 'tools/formatted.txt',
      edits: [{ old_text: 'one', new_text: 'two' }],
    })
    formatter.dispose()
    assert.match(text, /The editor changed more when it saved/)
    assert.equal(readFileSync(at('formatted.txt'), 'utf8'), '// formatted\ntwo\n')
  })

  it('fetch by themselves from the address that was checked, also where the editor has a proxy', async () => {
    const server = http.createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/plain' }).end('page'),
    )
    let asked = 0
    const proxy = http.createServer((_, response) => {
      asked++
      response.end('by the proxy')
    })
    for (const each of [server, proxy]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
    const [port, proxyPort] = [server, proxy].map((each) => (each.address() as AddressInfo).port)
    const configuration = vscode.workspace.getConfiguration('http')
    await configuration.update('proxy', `http://127.0.0.1:${proxyPort}`, vscode.ConfigurationTarget.Global)
    try {
      const tool = fetchUrl(new LocalNet(() => [`127.0.0.1:${port}`]))
      assert.equal((await call(tool, { url: `http://127.0.0.1:${port}/` })).text, 'page')
      assert.equal(asked, 0)
      assert.match((await use('fetch_url', { url: `http://127.0.0.1:${port}/` })).text, /private network/)
    } finally {
      await configuration.update('proxy', undefined, vscode.ConfigurationTarget.Global)
      server.close()
      proxy.close()
    }
  })

  it('refuse what is binary and what is outside, also through a link', async () => {
    writeFileSync(at('a.bin'), Buffer.from([1, 2, 0, 3]))
    symlinkSync(path.dirname(root.fsPath), at('out'))
    assert.match((await use('read_file', { path: 'tools/a.bin' })).text, /is a binary file/)
    assert.match(
      (await use('edit_file', { path: 'tools/a.bin', edits: [{ old_text: 'a', new_text: 'b' }] })).text,
      /binary/,
    )
    for (const given of ['tools/out/x.txt', '../x.txt', '/etc/passwd', root.toString()]) {
      const { failed, text } = await use('write_file', { path: given, content: 'x' })
      assert.ok(failed && /outside of the workspace|leads out|is an address/.test(text), text)
    }
    assert.equal(existsSync(path.join(path.dirname(root.fsPath), 'x.txt')), false)
  })

  it('find files and text by .gitignore, files.exclude and the ripgrep that VS Code ships', async () => {
    assert.ok(ports.search, 'ripgrep was not found')
    mkdirSync(at('node_modules'))
    mkdirSync(at('.svn'))
    for (const name of ['node_modules/a.txt', '.svn/a.txt', 'a.txt', 'b.log']) writeFileSync(at(name), 'the Needle\n')
    writeFileSync(at('.gitignore'), 'node_modules\n')
    assert.equal(
      (await use('find_files', { glob: '*.txt', path: 'tools' })).text,
      'tools/a.txt',
      '.svn is in files.exclude',
    )
    const { text } = await use('search_text', { pattern: 'needle', path: 'tools' })
    assert.deepEqual(text.split('\n').sort(), ['tools/a.txt:1:the Needle', 'tools/b.log:1:the Needle'])
  })

  it('outline a file by the language’s own extension', async () => {
    writeFileSync(at('a.md'), '# Top\n\n## Below\n\ntext\n')
    let text = ''
    // A language's extension may take longer to start than it is waited for: who asks once more is told.
    await until(async () => {
      ;({ text } = await use('document_symbols', { path: 'tools/a.md' }))
      return !text.includes('No language service')
    })
    assert.match(text, /^string # Top \(1-\d\)\n {2}string ## Below \(3-\d\)$/)
    writeFileSync(at('a.txt'), 'text')
    assert.match(
      (await use('document_symbols', { path: 'tools/a.txt' })).text,
      /No language service outlines tools\/a\.txt/,
    )
  })

  it('find references by whoever provides them', async () => {
    writeFileSync(at('uses.txt'), 'def thing\nuse thing\nuse things\n')
    const asked: vscode.Position[] = []
    const provider = vscode.languages.registerReferenceProvider('plaintext', {
      provideReferences(document, position) {
        asked.push(position)
        return [
          new vscode.Location(document.uri, new vscode.Position(1, 4)),
          new vscode.Location(vscode.Uri.file('/usr/lib/x.d.ts'), position),
        ]
      },
    })
    const { text } = await use('find_references', { path: 'tools/uses.txt', symbol: 'thing' })
    provider.dispose()
    assert.deepEqual([asked[0]?.line, asked[0]?.character], [0, 4])
    assert.equal(text, 'tools/uses.txt:2:5: use thing\nfile:///usr/lib/x.d.ts:1:5 (outside of the workspace)')
    assert.match((await use('find_references', { path: 'tools/uses.txt', symbol: 'thin' })).text, /does not stand in/)
  })

  it('tell what the editor complains of', async () => {
    writeFileSync(at('a.txt'), 'text')
    const problems = vscode.languages.createDiagnosticCollection('tests')
    const range = new vscode.Range(1, 2, 1, 3)
    problems.set(uri('a.txt'), [
      new vscode.Diagnostic(range, 'A hint', vscode.DiagnosticSeverity.Hint),
      new vscode.Diagnostic(range, 'Wrong\u001b[31m\nhere', vscode.DiagnosticSeverity.Error),
    ])
    const { text } = await use('diagnostics', { path: 'tools' })
    problems.dispose()
    assert.equal(text, 'tools/a.txt:2:3: error: Wrong here')
    assert.match((await use('diagnostics', { path: 'tools' })).text, /knows no problems there/)
  })

  it('ask git of the workspace', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=a@example.com', ...args], {
        cwd: folder,
        stdio: 'ignore',
      })
    git('init', '-q')
    writeFileSync(at('a.txt'), 'one\n')
    git('add', '-A')
    git('commit', '-q', '-m', 'Begin')
    writeFileSync(at('a.txt'), 'two\n')
    assert.match((await use('git_diff', { path: 'tools' })).text, /-one\n\+two/)
    assert.match((await use('git_log', { path: 'tools/a.txt' })).text, /Ann: Begin$/)
  })

  describe('run_command', () => {
    const mark = (): string => `3${Math.floor(Math.random() * 1e8)}`
    /** A process that was killed may be there for a moment longer. */
    const gone = (command: string): Promise<void> => until(() => processesWith(command).length === 0)

    it('runs in a terminal the person sees, streams, and tells the exit code', async () => {
      const running = use('run_command', { command: 'echo one; sleep 1; pwd; (exit 3)', cwd: 'tools' })
      await until(() => vscode.window.terminals.some(({ name }) => name === 'Panelist'))
      const { text, live, failed } = await running
      assert.equal(failed, false)
      assert.equal(text, `Exit code 3.\none\n${folder}`)
      assert.match(live, /one/)
    })

    it('begins each command in a fresh shell, in the folder that was shown, and leaves one terminal', async () => {
      const ours = () => vscode.window.terminals.filter(({ name }) => name === 'Panelist').length
      await use('run_command', { command: 'cd /; alias pwd="echo tricked"; pwd', cwd: 'tools' })
      const { text } = await use('run_command', { command: 'pwd', cwd: 'tools' })
      assert.equal(text, `Exit code 0.\n${folder}`)
      await until(() => ours() === 1)
    })

    it('leaves running what a command put in the background, also when the next one is run', async () => {
      const seconds = mark()
      assert.match((await use('run_command', { command: `sleep ${seconds} &`, cwd: 'tools' })).text, /^Exit code 0\./)
      await use('run_command', { command: 'true', cwd: 'tools' })
      const [left] = processesWith(`sleep ${seconds}`)
      assert.ok(left, 'it still runs')
      process.kill(left.pid)
    })

    it('ends a command that takes too long, and one that is stopped, with all they started', async () => {
      const stubborn = (seconds: string): string =>
        `bash -c "trap '' INT TERM; sleep ${seconds} & echo begun; sleep ${seconds}; sleep ${seconds}"`
      const late = mark()
      const timedOut = use('run_command', { command: stubborn(late), cwd: 'tools', timeout_seconds: 5 })
      await until(() => processesWith(late).length >= 3)
      const { failed, text } = await timedOut
      assert.ok(failed && /did not end within 5 seconds[\s\S]*begun/.test(text), text)
      await gone(`sleep ${late}`)
      const [stop, stopped] = [new AbortController(), mark()]
      const running = use('run_command', { command: stubborn(stopped), cwd: 'tools' }, stop.signal)
      await until(() => processesWith(stopped).length >= 3)
      stop.abort()
      assert.match((await running).text, /^The person stopped it/)
      await gone(`sleep ${stopped}`)
    })

    it('ends a loop of the shell itself', async () => {
      const [stop, seconds] = [new AbortController(), `0.${mark()}`]
      const running = use(
        'run_command',
        { command: `while true; do sleep ${seconds}; done`, cwd: 'tools' },
        stop.signal,
      )
      await until(() => processesWith(`sleep ${seconds}`).length > 0)
      stop.abort()
      assert.match((await running).text, /^The person stopped it/)
      await gone(`sleep ${seconds}`)
      await pause(700)
      assert.deepEqual(processesWith(`sleep ${seconds}`), [])
    })

    it('notices when a command ends the shell itself', async () => {
      const { text } = await use('run_command', { command: 'echo bye; exit 3', cwd: 'tools' })
      assert.match(text, /^(Exit code 3\.|It ended; the terminal did not tell its exit code\.)\nbye/)
      assert.match((await use('run_command', { command: 'exit', cwd: 'tools' })).text, /^(Exit code 0\.|It ended;)/)
    })

    /** The settings of terminals stand while `run` works with tools of its own, which know nothing of a shell yet. */
    const withTerminals = async (
      settings: Record<string, Json>,
      shell: string,
      run: (use: (command: string) => Promise<Called & { terminals: number }>) => Promise<void>,
    ): Promise<void> => {
      const configuration = vscode.workspace.getConfiguration('terminal.integrated')
      const set = async (value: (name: string) => Json | undefined): Promise<void> => {
        for (const name of Object.keys(settings))
          await configuration.update(name, value(name), vscode.ConfigurationTarget.Global)
      }
      const before = vscode.env.shell
      let terminals = 0
      const opening = vscode.window.onDidOpenTerminal(() => terminals++)
      let own: WorkspaceTools | undefined
      try {
        await set((name) => settings[name])
        await until(() => vscode.env.shell === shell)
        own = workspaceTools(() => [])
        const tool = builtInTools(own).find(({ name }) => name === 'run_command')!
        await run(async (command) => {
          const opened = terminals
          return { ...(await call(tool, { command, cwd: 'tools' })), terminals: terminals - opened }
        })
      } finally {
        opening.dispose()
        own?.terminal.dispose()
        await set(() => undefined)
        await until(() => vscode.env.shell === before)
      }
    }
    const system = { darwin: 'osx', win32: 'windows' }[process.platform as string] ?? 'linux'
    const alone = /^Exit code 4\.\n\(It ran without a terminal: this shell has no shell integration.*\)\nhello$/

    it('runs without a terminal where the settings switch integration off, and says so', () =>
      withTerminals({ 'shellIntegration.enabled': false }, vscode.env.shell, async (run) => {
        const { text, live, terminals } = await run('echo hello; (exit 4)')
        assert.match(text, alone)
        assert.equal(live, 'hello\n')
        assert.equal(terminals, 0)
      }))

    it('runs without a terminal where the shell has no integration, and waits for it only once', () => {
      const plain = '/bin/sh'
      const settings = { [`profiles.${system}`]: { plain: { path: plain } }, [`defaultProfile.${system}`]: 'plain' }
      return withTerminals(settings, plain, async (run) => {
        const first = await run('echo hello; (exit 4)')
        assert.match(first.text, alone)
        assert.equal(first.terminals, 1)
        assert.equal((await run('true')).terminals, 0)
      })
    })

    it('waits for a shell whose start takes long', () => {
      const held = at('held')
      writeFileSync(held, '')
      writeFileSync(at('.bashrc'), `while test -e '${held}'; do sleep 0.1; done\n`)
      return withTerminals({ [`env.${system}`]: { HOME: folder } }, vscode.env.shell, async (run) => {
        const running = run('echo hello')
        await pause(4_000) // longer than a shell of which nothing is known is waited for
        rmSync(held)
        const { text, terminals } = await running
        assert.equal(text, 'Exit code 0.\nhello')
        assert.equal(terminals, 1)
      })
    })

    it('runs what a terminal would take for keys without one, and says so', async () => {
      const { text } = await use('run_command', { command: 'echo one\necho two', cwd: 'tools' })
      assert.match(text, /^Exit code 0\.\n\(It ran without a terminal: .*\)\none\ntwo$/)
    })
  })
})
