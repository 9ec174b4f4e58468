import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Json } from '../../../src/shared/json.ts'
import { gitDiff } from '../../../src/tools/built-in/git/diff.ts'
import { gitLog } from '../../../src/tools/built-in/git/log.ts'
import { LocalGit } from '../../../src/tools/machine/git.ts'
import type { Git } from '../../../src/tools/ports.ts'
import { call } from './calls.ts'
import { FolderWorkspace, MemoryWorkspace } from './workspaces.ts'

describe('git tools', () => {
  let folder: string
  let workspace: FolderWorkspace
  const at = (name: string): string => path.join(folder, name)
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
        GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const commit = (message: string): void => {
    git('add', '-A')
    git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '-q', '-m', message)
  }
  const diff = (input: Json = {}, using: Git = new LocalGit()) => call(gitDiff(workspace, using), input)
  const log = (input: Json = {}, signal?: AbortSignal) =>
    call(gitLog(workspace, new LocalGit()), input, signal ? { signal } : {})

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-git-')))
    workspace = new FolderWorkspace(folder)
    git('init', '-q', '-b', 'main')
    mkdirSync(at('sub'))
    writeFileSync(at('a.txt'), 'one\ntwo\n')
    writeFileSync(at('sub/b.txt'), 'b\n')
    commit('Begin\n\nWith a body')
    writeFileSync(at('a.txt'), 'one\n2\n')
    commit('Change a')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('show what changed: in the files, staged, and between revisions', async () => {
    writeFileSync(at('a.txt'), 'one\n3\n')
    writeFileSync(at('new é.txt'), 'new')
    const files = await diff()
    assert.match(files.text, /^diff --git a\/a\.txt b\/a\.txt\n[\s\S]*-2\n\+3\n\(Not known to git yet: new é\.txt\.\)$/)
    git('add', 'a.txt')
    assert.match((await diff()).text, /^\(No differences\.\)/)
    assert.match((await diff({ staged: true })).text, /-2\n\+3$/)
    assert.match((await diff({ from: 'HEAD~1', to: 'HEAD' })).text, /-two\n\+2$/)
    assert.match((await diff({ from: 'HEAD~1', to: 'HEAD', summary: true })).text, /a\.txt \| 2 \+-/)
    assert.match((await diff({ from: 'HEAD~1', path: 'sub' })).text, /No differences/)
    assert.match((await diff({ to: 'HEAD' })).text, /“to” needs “from”/)
  })

  it('list commits, one file’s or all, and go on where they stopped', async () => {
    assert.match((await log()).text, /^[0-9a-f]{7,} 2026-01-02 Ann: Change a\n[0-9a-f]{7,} 2026-01-02 Ann: Begin$/)
    assert.match((await log({ path: 'sub/b.txt' })).text, /^[0-9a-f]{7,} 2026-01-02 Ann: Begin$/)
    assert.match((await log({ limit: 1 })).text, /Change a\n\(1 commit shown\. Go on with skip 1\.\)$/)
    assert.match(
      (await log({ skip: 1, messages: true })).text,
      /^commit [0-9a-f]{40}\nby Ann <ann@example\.com>, .*\n\n {4}Begin\n {4}\n {4}With a body$/,
    )
  })

  it('take a revision for nothing else: no options, no ranges, no commands', async () => {
    const target = at('written')
    for (const from of [`--output=${target}`, '-p', 'HEAD..main', '$(touch x)', 'HEAD; touch x', ':/Begin']) {
      await assert.rejects(diff({ from }), /must match pattern/, from)
    }
    assert.match((await diff({ from: 'nothing' })).text, /bad revision|unknown revision/)
    assert.equal(existsSync(target), false)
  })

  it('run nothing that the repository names', async () => {
    const traps = ['fsmonitor', 'textconv', 'external', 'clean', 'process', 'pager', 'gpg', 'hook', 'odd']
    const trap = (name: string): string => {
      const file = at(`.git/trap-${name}`)
      writeFileSync(file, `#!/bin/sh\ntouch "${at(`.git/sprung-${name}`)}"\ncat "$@"\n`, { mode: 0o755 })
      return file
    }
    const sprung = (): string[] => traps.filter((name) => existsSync(at(`.git/sprung-${name}`)))
    git('config', 'core.fsmonitor', trap('fsmonitor'))
    git('config', 'diff.trap.textconv', trap('textconv'))
    git('config', 'diff.trap.command', trap('external'))
    git('config', 'diff.external', trap('external'))
    git('config', 'filter.trap.clean', trap('clean'))
    git('config', 'filter.odd=x.y.clean', trap('odd'))
    git('config', 'filter.odd=x.y.required', 'true')
    git('config', 'core.pager', trap('pager'))
    git('config', 'pager.diff', trap('pager'))
    git('config', 'log.showSignature', 'true')
    git('config', 'gpg.program', trap('gpg'))
    mkdirSync(at('.git/hooks'), { recursive: true })
    writeFileSync(at('.git/info/attributes'), '*.txt diff=trap filter=trap\n*.odd filter=odd=x.y\n')
    writeFileSync(at('a.txt'), 'one\n4\n')
    writeFileSync(at('sub/b.txt'), 'changed\n')
    assert.match((await diff()).text, /\+4/)
    await diff({ from: 'HEAD~1' })
    await diff({ staged: true })
    await diff({ summary: true })
    await log({ messages: true })
    assert.deepEqual(sprung(), [])
    spawnSync('git', ['diff'], { cwd: folder, stdio: 'ignore' })
    assert.notDeepEqual(sprung(), [], 'the traps work')
  })

  it('see only the workspace’s folder of a larger repository', async () => {
    workspace = new FolderWorkspace(at('sub'))
    writeFileSync(at('a.txt'), 'above')
    writeFileSync(at('sub/b.txt'), 'below')
    const { text } = await diff()
    assert.match(text, /below/)
    assert.doesNotMatch(text, /above/)
  })

  it('find a repository in a subfolder, and a file that is gone', async () => {
    workspace = new FolderWorkspace(path.dirname(folder))
    const name = path.basename(folder)
    rmSync(at('sub'), { recursive: true })
    assert.match((await diff({ path: `${name}/sub/b.txt` })).text, /deleted file mode/)
    assert.match((await log({ path: `${name}/a.txt`, limit: 5 })).text, /Change a\n.*Begin$/)
  })

  it('give a long diff in part, say how to get the rest, and show control characters as pictures', async () => {
    writeFileSync(at('a.txt'), `\u001b[31m${'x'.repeat(1_000_000)}\n`)
    const { text } = await diff()
    assert.ok(text.length < 45_000)
    assert.match(text, /␛\[31mxxx/)
    assert.match(text, /The diff is longer\. “summary” lists the files/)
  })

  it('say what is wrong: no repository, no git, no files on this machine, stopped', async () => {
    rmSync(at('.git'), { recursive: true })
    assert.match((await diff()).text, /This folder is not in a git repository/)
    assert.match((await diff({}, new LocalGit('/nowhere/git'))).text, /ENOENT/)
    const none: Git = { run: async () => undefined }
    assert.match((await diff({}, none)).text, /There is no git on this machine/)
    assert.match((await call(gitLog(new MemoryWorkspace({}), none), {})).text, /works only on files of this machine/)
    assert.ok((await log({}, AbortSignal.abort())).failed)
  })
})
