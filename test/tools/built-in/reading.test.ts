import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { findFiles } from '../../../src/tools/built-in/files/find-files.ts'
import { listDirectory } from '../../../src/tools/built-in/files/list-directory.ts'
import { readFile } from '../../../src/tools/built-in/files/read-file.ts'
import { searchText } from '../../../src/tools/built-in/files/search-text.ts'
import type { Search } from '../../../src/tools/ports.ts'
import { Ripgrep, shippedRipgrep } from '../../../src/tools/machine/ripgrep.ts'
import { ensureServer } from '../../harness/environment.ts'
import { processesWith } from '../../harness/processes.ts'
import { call } from './calls.ts'
import { FolderWorkspace, MemoryWorkspace } from './workspaces.ts'

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n')

describe('read_file', () => {
  const read = (
    files: Record<string, string | Uint8Array>,
    input: { path: string; start_line?: number; end_line?: number; start_column?: number },
  ) => call(readFile(new MemoryWorkspace(files)), input)

  it('numbers the lines and gives those that were asked for', async () => {
    const files = { 'a.txt': 'one\r\ntwo\r\nthree\r\n' }
    assert.equal((await read(files, { path: 'a.txt' })).text, '1\tone\n2\ttwo\n3\tthree')
    assert.equal(
      (await read(files, { path: 'a.txt', start_line: 2, end_line: 2 })).text,
      '2\ttwo\n(Lines 2 to 2 of 3.)',
    )
    assert.equal((await read(files, { path: 'a.txt', end_line: 99 })).text, '1\tone\n2\ttwo\n3\tthree')
    assert.match((await read(files, { path: 'a.txt', start_line: 4 })).text, /has 3 lines; there is no line 4/)
    assert.match((await read({ 'a.txt': '' }, { path: 'a.txt' })).text, /is empty/)
  })

  it('reads a long file in parts that together are the whole', async () => {
    const files = { 'long.txt': lines(10_000) }
    const all: string[] = []
    for (let start = 1, parts = 0; start <= 10_000; parts++) {
      assert.ok(parts < 20)
      const { text } = await read(files, { path: 'long.txt', start_line: start })
      assert.ok(text.length < 50_000, 'within the budget of a result')
      all.push(...text.split('\n').filter((line) => /^\d+\t/.test(line)))
      start = Number(/Go on with start_line (\d+)/.exec(text)?.[1] ?? Infinity)
    }
    assert.equal(all.length, 10_000)
    assert.equal(all[9_999], '10000\tline 10000')
  })

  it('cuts a line of a megabyte, and reads on in it', async () => {
    const files = { 'one.json': `${'a'.repeat(1_000_000)}END` }
    const first = await read(files, { path: 'one.json' })
    assert.ok(first.text.length < 2_300)
    assert.match(first.text, /start_column reads on/)
    assert.equal((await read(files, { path: 'one.json', start_column: 1_000_001 })).text, '1\tEND')
  })

  it('shows control characters as pictures, and never as what they do', async () => {
    const { text } = await read({ 'a.txt': 'red \u001b[31m\u0007 \u009b1m \u007f\rx\n' }, { path: 'a.txt' })
    assert.match(text, /^1\tred ␛\[31m␇ \ufffd1m ␡␍x\n\(Control characters are shown as pictures/)

    assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  })

  it('gives pictures as pictures by their bytes, and refuses other binary files', async () => {
    const png = Buffer.from('89504e470d0a1a0a0000', 'hex')
    const { outcome } = await read({ 'a.png': png }, { path: 'a.png' })
    assert.deepEqual(outcome.output, [
      { type: 'file', media: { mediaType: 'image/png', data: png.toString('base64') }, name: 'a.png' },
    ])
    assert.match((await read({ 'a.png': Buffer.from('no\0') }, { path: 'a.png' })).text, /a\.png is a binary file/)
    assert.match((await read({ 'a.bin': Buffer.from([0, 1]) }, { path: 'a.bin' })).text, /binary file/)
    assert.match(
      (await read({ 'a.png': Buffer.concat([png, Buffer.alloc(6e6)]) }, { path: 'a.png' })).text,
      /picture of 5\.7 MB; at most 5 MB/,
    )
    assert.match(
      (await read({ 'a.log': Buffer.alloc(21 * 1024 * 1024, 'a') }, { path: 'a.log' })).text,
      /21 MB, too much/,
    )
  })

  it('says what is there where the path is wrong', async () => {
    const files = { 'src/index.ts': '', 'src/parser.ts': '' }
    assert.match(
      (await read(files, { path: 'src/Parser.js' })).text,
      /There is no src\/Parser\.js\. src holds parser\.ts\./,
    )
    assert.match((await read(files, { path: 'src' })).text, /is a folder\. list_directory/)
    assert.match((await read(files, { path: 'gone/x.ts' })).text, /There is no gone\/x\.ts/)
  })

  it('reads what an editor holds, and says that it is not saved', async () => {
    const workspace = new MemoryWorkspace({ 'a.txt': 'old' })
    workspace.unsaved.set('memory:/project/a.txt', 'new')
    assert.match(
      (await call(readFile(workspace), { path: 'a.txt' })).text,
      /^1\tnew\n\(An editor holds unsaved changes/,
    )
  })
})

describe('list_directory', () => {
  it('tells folders, files and links apart, and goes on where it was cut', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 600 }, (_, index) => [`f${String(index).padStart(3, '0')}`, '']),
    )
    const list = (input: object, more = {}) =>
      call(listDirectory(new MemoryWorkspace({ ...files, ...more })), input as never)
    const first = await list({}, { 'z/a.txt': '' })
    assert.match(first.text, /^z\/\nf000\n/)
    assert.match(first.text, /\(101 more entries\. Go on with offset 500\.\)$/)
    assert.equal((await list({ offset: 599 })).text, 'f599')
    assert.match((await list({ path: 'f001' })).text, /is a file/)
  })
})

const rules = {
  '.gitignore': 'dist/\n*.log\n!keep.log\n',
  'dist/out.js': 'needle',
  'debug.log': 'needle',
  'keep.log': 'needle',
  'src/.gitignore': '/generated\n',
  'src/generated/a.ts': 'needle',
  'src/generated.ts': 'the Needle in TypeScript',
  'src/deep/generated/b.ts': 'needle\n\nneedle again',
  'hidden/secret.ts': 'needle',
  '.config/x.ts': 'needle',
  '.git/config': 'needle',
}

describe('find_files', () => {
  const find = async (input: object, files: Record<string, string> = rules): Promise<string[]> => {
    const workspace = new MemoryWorkspace(files)
    workspace.exclude = ['**/hidden']
    return (await call(findFiles(workspace), input as never)).text.split('\n')
  }

  it('leaves out what .gitignore files and files.exclude hide, and .git always', async () => {
    assert.deepEqual((await find({ glob: '**' })).sort(), [
      '.config/x.ts',
      '.gitignore',
      'keep.log',
      'src/.gitignore',
      'src/deep/generated/b.ts',
      'src/generated.ts',
    ])
    const all = await find({ glob: '**', include_ignored: true })
    assert.equal(all.length, Object.keys(rules).length - 1)
    assert.ok(!all.includes('.git/config'))
  })

  it('looks for a name in all folders and for a path from where it is asked', async () => {
    assert.deepEqual(await find({ glob: '*.ts' }), ['.config/x.ts', 'src/generated.ts', 'src/deep/generated/b.ts'])
    assert.deepEqual(await find({ glob: '*/generated/*.{ts,js}', path: 'src' }), ['src/deep/generated/b.ts'])
    assert.deepEqual(
      await find({ glob: '*.ts', path: 'src/generated' }),
      ['(No file matches *.ts.)'],
      'rules from above hold',
    )
  })

  it('says that there are more than it gives', async () => {
    assert.match(
      (await find({ glob: '*', limit: 2 })).join('\n'),
      /\n\(There are more than 2 files: give a narrower glob/,
    )
  })
})

describe('patterns that would take for ever', () => {
  const workspace = new MemoryWorkspace({ [`${'a'.repeat(200)}b`]: `${'a'.repeat(40)}!` })

  it('are ended in a search without ripgrep', async () => {
    const { failed, text } = await call(searchText(workspace, undefined), { pattern: '^(a+)+$', regex: true })
    assert.ok(failed && /The pattern takes too long/.test(text), text)
  })

  it('are passed over in .gitignore files', async () => {
    const hostile = new MemoryWorkspace({
      '.gitignore': `${'*a'.repeat(20)}*c\n${'**/a/'.repeat(20)}c\n*.log\n`,
      [`${'a'.repeat(200)}b`]: '',
      [`${'a/'.repeat(200)}b`]: '',
      'x.log': '',
    })
    assert.equal((await call(findFiles(hostile), { glob: '**' })).text.split('\n').length, 3)
  })

  it('are ended in globs', async () => {
    const glob = `${'*a'.repeat(20)}*c`
    for (const tool of [findFiles(workspace), searchText(workspace, undefined)]) {
      const { failed, text } = await call(tool, tool.name === 'find_files' ? { glob } : { pattern: 'a', include: glob })
      assert.ok(failed && /The pattern takes too long/.test(text), text)
    }
  })
})

describe('search_text', () => {
  let folder: string
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-search-')))
    for (const [name, text] of Object.entries(rules)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      writeFileSync(path.join(folder, name), text)
    }
    writeFileSync(path.join(folder, 'binary.bin'), Buffer.from('needle\0'))
    writeFileSync(path.join(folder, 'long.txt'), `${'é'.repeat(300_000)}longpin${'z'.repeat(700_000)}`)
    writeFileSync(path.join(folder, 'control.txt'), 'a \u001b]0;title\u0007 <img src=x onerror=alert(1)> controls')
    writeFileSync(path.join(folder, '[odd] name.ts'), 'odd needle')
    symlinkSync('/etc', path.join(folder, 'etc'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('ends ripgrep when nobody reads on, and when it is stopped', async () => {
    const rg = new Ripgrep(shippedRipgrep(await ensureServer())!)
    const query = { folder: '/', path: '', regex: true, caseSensitive: true, exclude: [], ignored: true }
    for (const stopped of [false, true]) {
      const [stop, mark] = [new AbortController(), `mark${Math.random()}`]
      const matches = rg.search({ ...query, pattern: `e|${mark}` }, stop.signal)
      await matches.next()
      assert.equal(processesWith(mark).length, 1, 'it runs')
      if (stopped) {
        stop.abort()
        await assert.rejects(async () => {
          for await (const _ of matches);
        })
      } else await matches.return(undefined)
      for (let waited = 0; processesWith(mark).length > 0 && waited < 30_000; waited += 20) await pause(20)
      assert.deepEqual(processesWith(mark), [])
    }
  }).timeout(90_000)

  const ways: Record<string, () => Promise<Search | undefined>> = {
    'with the ripgrep that VS Code ships': async () => {
      const program = shippedRipgrep(await ensureServer())
      assert.ok(program, 'ripgrep is not where it is looked for')
      return new Ripgrep(program)
    },
    'without ripgrep': async () => undefined,
  }
  for (const [way, searcher] of Object.entries(ways)) {
    describe(way, () => {
      const search = async (input: object, options: { signal?: AbortSignal } = {}) => {
        const workspace = new FolderWorkspace(folder)
        workspace.exclude = ['**/hidden']
        return call(searchText(workspace, await searcher()), input as never, options)
      }
      const found = async (input: object): Promise<string[]> => (await search(input)).text.split('\n').sort()

      it('finds lines, without what .gitignore files and files.exclude hide', async () => {
        assert.deepEqual(await found({ pattern: 'needle', case_sensitive: true }), [
          '.config/x.ts:1:needle',
          '[odd] name.ts:1:odd needle',
          'keep.log:1:needle',
          'src/deep/generated/b.ts:1:needle',
          'src/deep/generated/b.ts:3:needle again',
        ])
        const all = await found({ pattern: 'needle', include_ignored: true, include: '*.{ts,js,log}' })
        assert.equal(all.length, 10)
      })

      it('takes a plain text for what it is, and a pattern where one is meant', async () => {
        assert.deepEqual(await found({ pattern: 'n.*e in' }), ['(No line holds "n.*e in".)'])
        assert.deepEqual(await found({ pattern: '^the n.*e in', regex: true }), [
          'src/generated.ts:1:the Needle in TypeScript',
        ])
        assert.deepEqual(await found({ pattern: '-needle' }), ['(No line holds "-needle".)'])
        const { failed, text } = await search({ pattern: 'a(', regex: true })
        assert.ok(failed && /unclosed group|Unterminated group/.test(text), text)
      })

      it('looks only where it is asked to', async () => {
        assert.deepEqual(await found({ pattern: 'needle', path: 'src', include: 'deep/**' }), [
          'src/deep/generated/b.ts:1:needle',
          'src/deep/generated/b.ts:3:needle again',
        ])
        assert.deepEqual(await found({ pattern: 'needle', path: 'keep.log' }), ['keep.log:1:needle'])
        assert.deepEqual(await found({ pattern: 'needle', path: '[odd] name.ts' }), ['[odd] name.ts:1:odd needle'])
        assert.match((await search({ pattern: 'x', path: 'gone' })).text, /There is no gone/)
        assert.match((await search({ pattern: 'root', path: 'etc' })).text, /outside of the workspace/)
        assert.match(
          (await search({ pattern: 'root:x', include_ignored: true })).text,
          /No line holds/,
          'links are not followed',
        )
      })

      it('shows a stretch of a line of a megabyte, and no control characters', async () => {
        const { text } = await search({ pattern: 'longpin' })
        assert.match(text, /^long\.txt:1:…é+longpinz+…$/)
        assert.ok(text.length < 350)
        const control = await search({ pattern: 'controls' })
        assert.equal(control.text, 'control.txt:1:a ␛]0;title␇ <img src=x onerror=alert(1)> controls')
      })

      it('stops at the limit and says so', async () => {
        const { text } = await search({ pattern: 'needle', limit: 2 })
        assert.match(
          text,
          /\n\(There are more than these 2 lines: give a narrower pattern, path or include, or a higher limit\.\)$/,
        )
        assert.equal(text.split('\n').length, 3)
      })

      it('ends when it is stopped', async () => {
        const { failed } = await search({ pattern: 'needle' }, { signal: AbortSignal.abort() })
        assert.ok(failed)
      })
    })
  }
})
