import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readDropped } from '../../src/host/dropped-files.ts'
import type { FileDesk } from '../../src/host/dropped-files.ts'

describe('files dropped from the editor', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'panelist-drop-')))
  const workspace = path.join(folder, 'project')
  const uri = (...names: string[]): string => pathToFileURL(path.join(workspace, ...names)).href
  const read: string[] = []
  const desk: FileDesk = {
    stat: async (at) => {
      const found = statSync(fileURLToPath(at))
      return {
        folder: found.isDirectory(),
        size: path.basename(fileURLToPath(at)) === 'huge.png' ? 51 * 1024 * 1024 : found.size,
      }
    },
    read: async (at) => {
      read.push(at)
      return readFileSync(fileURLToPath(at))
    },
    path: (at) => (at.startsWith('file:') ? fileURLToPath(at) : undefined),
    folders: () => [pathToFileURL(workspace).href],
  }

  before(() => {
    mkdirSync(path.join(workspace, 'docs'), { recursive: true })
    for (const name of ['a b.txt', 'huge.png', 'docs/deep.txt']) writeFileSync(path.join(workspace, name), 'hello')
    writeFileSync(path.join(folder, 'secret.txt'), 'secret')
    mkdirSync(path.join(folder, 'project-other'))
    writeFileSync(path.join(folder, 'project-other', 'x.txt'), 'secret')
    symlinkSync(path.join(folder, 'secret.txt'), path.join(workspace, 'link.txt'))
  })
  beforeEach(() => void read.splice(0))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('come with their names and bytes, each once', async () => {
    const files = await readDropped([uri('a b.txt'), uri('docs', 'deep.txt'), uri('a b.txt')], desk)
    const data = Buffer.from('hello').toString('base64')
    assert.deepEqual(files, [
      { name: 'a b.txt', data },
      { name: 'deep.txt', data },
    ])
  })

  it('are not read where they are outside of the workspace, also not by a link, a way up or a like name', async () => {
    const outside = [
      pathToFileURL(path.join(folder, 'secret.txt')).href,
      pathToFileURL(path.join(folder, 'project-other', 'x.txt')).href,
      `${pathToFileURL(workspace).href}/%2e%2e/secret.txt`,
      uri('link.txt'),
      uri('none.txt'),
      pathToFileURL(workspace).href,
      'vscode-userdata:/settings.json',
      'memfs:/%E0%A4%A',
    ]
    for (const file of await readDropped(outside, desk)) {
      assert.equal(file.data, undefined, file.name)
      assert.match(file.why ?? '', /is not in this workspace|could not be read/)
    }
    assert.deepEqual(read, [])
  })

  it('are refused in a sentence where they are folders or too large', async () => {
    const [docs, huge] = await readDropped([uri('docs'), uri('huge.png')], desk)
    assert.match(docs?.why ?? '', /^docs is a folder\./)
    assert.match(huge?.why ?? '', /^huge\.png is larger than 50 MB/)
    assert.deepEqual(read, [])
  })

  it('of a workspace that is on no disk are known by their addresses', async () => {
    const virtual: FileDesk = {
      ...desk,
      stat: async () => ({ folder: false, size: 2 }),
      read: async () => Buffer.from('ok'),
      folders: () => ['memfs://box/project'],
    }
    const files = await readDropped(
      ['memfs://box/project/a.txt', 'memfs://box/project/../b.txt', 'memfs://other/project/a.txt'],
      virtual,
    )
    assert.deepEqual(
      files.map(({ data }) => data !== undefined),
      [true, false, false],
    )
  })
})
