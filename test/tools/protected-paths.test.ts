import assert from 'node:assert/strict'
import { mkdtemp, lstat, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { mentionsProtected } from '../../src/tools/mentions.ts'
import type { PathPort } from '../../src/tools/protected-paths.ts'
import { isProtected, judgePath } from '../../src/tools/protected-paths.ts'

/** The file system of this machine. */
const disk = (root: string): PathPort => ({
  roots: [root],
  windows: false,
  async realPath(file) {
    try {
      return { kind: 'found', path: await realpath(file) }
    } catch {
      const link = await lstat(file).then(
        (stat) => stat.isSymbolicLink(),
        () => false,
      )
      return { kind: link ? 'dangling' : 'missing' }
    }
  },
})
/** One where everything is where its path says. */
const plain = (root: string, windows: boolean): PathPort => ({
  roots: [root],
  windows,
  realPath: (file) => Promise.resolve({ kind: 'found', path: file }),
})

describe('A protected path', () => {
  const written = [
    ...[
      '.vscode/settings.json',
      '.vscode',
      'a/b/.vscode/tasks.json',
      './.vscode//mcp.json',
      '.git/hooks/pre-commit',
      '.git',
    ],
    ...[
      'my.code-workspace',
      'sub/x.CODE-WORKSPACE',
      '.mcp.json',
      'sub/mcp.json',
      'AGENTS.md',
      'docs/CLAUDE.md',
      '.cursor/mcp.json',
    ],
    ...[
      '.github/copilot-instructions.md',
      '.github/prompts/x.prompt.md',
      '.clinerules',
      '.roorules-code',
      '.panelist/x',
    ],
    // Case, separators, and what Windows and macOS take for the same name.
    ...[
      '.VSCODE/Settings.json',
      '.Git\\config',
      'a\\.vscode\\x',
      '.git./config',
      '.git /config',
      '.vscode. . /x',
      'GIT~1/config',
    ],
    ...[
      '.git::$INDEX_ALLOCATION/config',
      '.mcp.json::$DATA',
      '.vscode:x',
      '.g\u200cit/config',
      '.\u200dvscode/x',
      '.ｇｉｔ/config',
    ],
    ...['.vſcode/x', '.gıt/config', '.git\u0000/x', 'x/../.git/config', '.vscode\u2060/x'],
  ]
  it('is known however it is written', () => {
    for (const each of written) assert.ok(isProtected(each), JSON.stringify(each))
  })

  it('is not every path that looks a little like one', () => {
    const free = [
      'src/git/index.ts',
      '.gitignore',
      '.github/workflows/ci.yml',
      'vscode/x',
      'src/mcp/client.ts',
      'agents.mdx',
      'a.vscode/x',
    ]
    for (const each of [...free, 'code-workspace', 'my.code-workspace.ts', 'README.md'])
      assert.ok(!isProtected(each), each)
  })

  it('is protected in a workspace on every system', async () => {
    for (const windows of [false, true]) {
      const port = plain(windows ? 'C:\\w' : '/w', windows)
      for (const each of written.filter((every) => !every.includes('\0')))
        assert.equal((await judgePath(each, port)).kind, 'protected', JSON.stringify(each))
    }
  })
})

describe('A path', () => {
  it('that leads out of the workspace is outside of it', async () => {
    const posix = ['../x', '/etc/passwd', 'a/../../x', '/w/../x', '/wx/y', '/W/x', '..', 'a\0b', '/w/a/../../etc']
    for (const each of posix) assert.equal((await judgePath(each, plain('/w', false))).kind, 'outside', each)
    const windows = [
      '..\\x',
      'D:\\x',
      'C:\\wx',
      '\\\\host\\share\\x',
      '\\\\?\\C:\\w\\x',
      '//host/share',
      'a/..\\../x',
      'C:\\w\\..\\x',
    ]
    for (const each of windows) assert.equal((await judgePath(each, plain('C:\\w', true))).kind, 'outside', each)
  })

  it('inside of it is free, also one whose name begins with dots', async () => {
    for (const each of ['a.ts', './a/../b.ts', '/w/x', '..a/b', '...', ''])
      assert.equal((await judgePath(each, plain('/w', false))).kind, 'free', each)
    assert.equal((await judgePath('c:\\W\\a.ts', plain('C:\\w', true))).kind, 'free')
  })

  it('without a workspace is always outside', async () => {
    assert.equal((await judgePath('/a', { ...plain('/w', false), roots: [] })).kind, 'outside')
  })

  describe('through symlinks', () => {
    let root: string
    before(async () => {
      root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'paths-')))
      await mkdir(path.join(root, 'w/.vscode'), { recursive: true })
      await mkdir(path.join(root, 'w/src'))
      await mkdir(path.join(root, 'out'))
      await writeFile(path.join(root, 'w/.vscode/settings.json'), '{}')
      const links = {
        out: '../out',
        config: '.vscode',
        nowhere: '../out/new.txt',
        'file.json': '.vscode/settings.json',
        loop: 'loop',
        ok: 'src',
      }
      for (const [name, target] of Object.entries(links)) await symlink(target, path.join(root, 'w', name))
    })
    after(() => rm(root, { recursive: true, force: true }))

    it('is judged by where it really leads', async () => {
      const port = disk(path.join(root, 'w'))
      const verdicts = {
        out: 'outside',
        'out/new.txt': 'outside',
        'out/a/b/c.txt': 'outside',
        nowhere: 'outside',
        loop: 'outside',
      }
      const more = {
        config: 'protected',
        'config/new.json': 'protected',
        'file.json': 'protected',
        'ok/new.ts': 'free',
        'ok/../config/x': 'protected',
      }
      for (const [each, kind] of Object.entries({ ...verdicts, ...more }))
        assert.equal((await judgePath(each, port)).kind, kind, each)
      assert.equal((await judgePath('ok/new/deep.ts', port)).path, path.join(root, 'w/src/new/deep.ts'))
    })

    it('is found in the arguments of a tool that nobody knows', async () => {
      const port = disk(path.join(root, 'w'))
      assert.equal(await mentionsProtected({ target: { file: ['config/x.json'] } }, port), 'config/x.json')
      assert.equal(await mentionsProtected({ target: 'ok/x.json' }, port), undefined)
    })
  })
})

describe('Arguments of a tool that nobody knows', () => {
  const port = plain('/w', false)
  it('mention a protected path under any name, in any wrapping', async () => {
    const arguments_ = [
      ...[{ path: '.vscode/settings.json' }, { a: { b: [{ c: '/w/.git/config' }] } }, { '.mcp.json': 'text' }],
      ...[
        { uri: 'file:///w/.vscode/tasks.json' },
        { uri: 'file:///w/%2Evscode/tasks.json' },
        { uri: 'vscode-remote://h/w/%2egit/config?x' },
      ],
      ...[
        { cmd: 'cp x .vscode/settings.json' },
        { cmd: 'x>.git/hooks/a' },
        { cmd: `tee ".mcp.json"` },
        { arg: '--out=.vscode/a' },
      ],
      ...[{ path: 'src/../.VSCODE/x' }, { path: 'C:\\w\\.git\\config' }],
    ]
    for (const each of arguments_) assert.notEqual(await mentionsProtected(each, port), undefined, JSON.stringify(each))
  })

  it('mention none where there is none', async () => {
    const free = [
      { path: 'src/a.ts' },
      { text: 'Look at https://git-scm.com/docs/git for more, 100% sure.' },
      { n: 7, no: null, yes: true },
      {},
    ]
    for (const each of free) assert.equal(await mentionsProtected(each, port), undefined, JSON.stringify(each))
  })
})
