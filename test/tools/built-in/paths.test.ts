import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { locate, PathRefused, placeOfUri } from '../../../src/tools/built-in/paths.ts'
import type { RealPath, Root, Workspace } from '../../../src/tools/ports.ts'
import { FolderWorkspace, MemoryWorkspace } from './workspaces.ts'

describe('paths of tools', () => {
  let folder: string
  let workspace: FolderWorkspace
  const refused = (given: string, why: RegExp, where: Workspace = workspace) =>
    assert.rejects(locate(where, given), (error: Error) => error instanceof PathRefused && why.test(error.message))

  before(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-paths-')))
    mkdirSync(path.join(folder, 'inside', 'sub'), { recursive: true })
    mkdirSync(path.join(folder, 'outside'))
    writeFileSync(path.join(folder, 'outside', 'secret.txt'), 'secret')
    writeFileSync(path.join(folder, 'inside', 'file.txt'), 'mine')
    symlinkSync(path.join(folder, 'outside'), path.join(folder, 'inside', 'out'))
    symlinkSync(path.join(folder, 'outside', 'new.txt'), path.join(folder, 'inside', 'dangling'))
    symlinkSync('sub', path.join(folder, 'inside', 'link'))
    symlinkSync('loop', path.join(folder, 'inside', 'loop'))
    symlinkSync(path.join(folder, 'inside'), path.join(folder, 'same'))
    workspace = new FolderWorkspace(path.join(folder, 'inside'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('lead to files inside, there or not, however they are written', async () => {
    for (const [given, wanted] of [
      ['file.txt', 'file.txt'],
      ['./sub/../file.txt', 'file.txt'],
      ['.', ''],
      ['new/deep/file.ts', 'new/deep/file.ts'],
      [path.join(folder, 'inside', 'file.txt'), 'file.txt'],
      [path.join(folder, 'same', 'file.txt'), 'file.txt'],
    ] as const) {
      assert.equal((await locate(workspace, given)).path, wanted, given)
    }
  })

  it('name what a link leads to, so that rules about names hold for it', async () => {
    assert.equal((await locate(workspace, 'link/a.txt')).path, 'sub/a.txt')
  })

  it('do not leave the workspace by dots, by absolute paths or by addresses', async () => {
    for (const given of ['..', '../outside/secret.txt', 'sub/../../outside/secret.txt', './..', 'a/b/../../../x']) {
      await refused(given, /leads out of the workspace/)
    }
    await refused(path.join(folder, 'outside', 'secret.txt'), /is outside of the workspace/)
    await refused(`${path.join(folder, 'inside')}-not/x`, /is outside of the workspace/)
    await refused(path.join(folder, 'inside', '..', 'outside', 'secret.txt'), /is outside of the workspace/)
    await refused('/etc/passwd', /is outside of the workspace/)
    for (const given of ['file:///etc/passwd', 'FILE:/etc/passwd', 'vscode-remote://x/etc', 'http://a/b']) {
      await refused(given, /is an address/)
    }
    await refused('~/.ssh/id_rsa', /“~” is not known/)
  })

  it('do not leave the workspace by links, also where the target is yet to be made', async () => {
    await refused('out/secret.txt', /is outside of the workspace/)
    await refused('out', /is outside of the workspace/)
    await refused('out/new/file.txt', /is outside of the workspace/)
    await refused('dangling', /is a link that leads nowhere/)
    await refused('dangling/below', /is a link that leads nowhere/)
    await refused('loop', /is a link that leads nowhere/)
  })

  it('hold no null bytes, control characters or halves of characters', async () => {
    await refused('file.txt\0.png', /control characters/)
    await refused('a\nb', /control characters/)
    await refused('\ud800', /half a character/)
    await refused('', /is empty/)
  })

  it('take letters that only look like dots and slashes for the letters they are', async () => {
    for (const given of ['．．/outside', '..∕outside', '%2e%2e/outside', '..%2foutside', '․․/x']) {
      const place = await locate(workspace, given)
      assert.ok(place.file!.startsWith(path.join(folder, 'inside') + path.sep), given)
    }
  })

  it('are never outside of the workspace, whatever is written', async () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '',
      'sub',
      'link',
      'out',
      'file.txt',
      'x',
      'dangling',
      '．．',
      '~',
      '%2e%2e',
      '\\',
      'é',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.boolean(), async (pieces, absolute) => {
        const given = (absolute ? `${path.join(folder, 'inside')}/` : '') + pieces.join('/')
        const place = await locate(workspace, given).catch((error: unknown) => {
          assert.ok(error instanceof PathRefused, String(error))
        })
        if (!place) return
        const inside = path.join(folder, 'inside')
        assert.ok(place.file === inside || place.file!.startsWith(inside + path.sep), `${given} gave ${place.file}`)
      }),
      { numRuns: 300 },
    )
  })

  it('begin with the folder’s name where there are several, and links may lead from one to the other', async () => {
    const several = new FolderWorkspace(path.join(folder, 'inside'), path.join(folder, 'outside'))
    assert.equal((await locate(several, 'outside/secret.txt')).shown, 'outside/secret.txt')
    assert.equal((await locate(several, 'inside/out/secret.txt')).shown, 'outside/secret.txt')
    await refused('secret.txt', /must begin with the name of one of the workspace’s folders: inside, outside/, several)
    await refused('inside/../../x', /leads out/, several)
  })

  it('on a disk that ignores case have the case of the disk', async () => {
    const place = await locate(
      caseless({ '/Work': '/Work', '/Work/.vscode': '/Work/.vscode' }),
      '.VSCODE/settings.json',
    )
    assert.equal(place.path, '.vscode/settings.json')
    assert.equal((await locate(caseless({ '/Work': '/Work' }), '/wORK/new.txt')).path, 'new.txt')
  })

  it('of a workspace that is not on this machine stay below its root', async () => {
    const memory = new MemoryWorkspace({ 'a/b.txt': 'b' })
    assert.equal((await locate(memory, 'a/./b.txt')).uri, 'memory:/project/a/b.txt')
    await refused('../a', /leads out/, memory)
    await refused('/etc/passwd', /outside of the workspace/, memory)
    assert.equal(placeOfUri(memory, 'memory:/project/a%20b')?.path, 'a b')
    assert.equal(placeOfUri(memory, 'memory:/projectshop/a'), undefined)
  })

  describe('of Windows', () => {
    const windows = caseless({ 'C:\\work': 'C:\\work' }, 'windows', 'C:\\work')
    it('are taken with either slash', async () => {
      assert.equal((await locate(windows, 'src\\a.ts')).path, 'src/a.ts')
      assert.equal((await locate(windows, 'c:/Work/src/a.ts')).path, 'src/a.ts')
    })
    it('are no network paths, devices, streams, other drives or names Windows would change', async () => {
      for (const given of ['\\\\server\\share', '//server/share', '\\\\?\\C:\\work\\a', '\\\\.\\pipe\\x']) {
        await refused(given, /network or device path/, windows)
      }
      for (const given of ['NUL', 'sub/con.txt', 'aux', 'COM1', 'lpt9.log', 'nul '])
        await refused(given, /device/, windows)
      for (const given of ['a.txt:stream', 'C:a', 'a::$DATA']) await refused(given, /holds a “:”/, windows)
      for (const given of ['.git./config', '.vscode ', 'a. /b'])
        await refused(given, /ends in a dot or a blank/, windows)
      await refused('D:\\other', /outside/, windows)
      await refused('..\\x', /leads out/, windows)
    })
  })
})

/** A workspace on a disk that finds the real names of `names` in any case. */
function caseless(
  names: Record<string, string>,
  platform: Workspace['platform'] = 'posix',
  folder = '/Work',
): Workspace {
  const real = new Map(Object.entries(names).map(([name, found]) => [name.toLowerCase(), found]))
  const roots: Root[] = [{ name: 'Work', uri: 'file:///Work', folder }]
  const workspace = new MemoryWorkspace({})
  return Object.assign(workspace, {
    platform,
    roots: () => roots,
    realPath: async (file: string): Promise<RealPath> => {
      const found = real.get(file.toLowerCase())
      return found === undefined ? { kind: 'missing' } : { kind: 'found', path: found }
    },
  })
}
