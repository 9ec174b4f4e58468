import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { PromptOffer, ResourceOffer } from '../../src/host/mcp/offers.ts'
import { McpResources } from '../../src/host/mcp/resources.ts'
import type { Offering } from '../../src/host/suggest/mcp.ts'
import { rank } from '../../src/host/suggest/rank.ts'
import type { SuggestionSource } from '../../src/host/suggest/source.ts'
import { ownSources } from '../../src/host/suggest/sources.ts'
import { Suggestions } from '../../src/host/suggest/suggestions.ts'
import type { McpServers } from '../../src/mcp/servers.ts'
import type { ReadFile, Taken } from '../../src/shared/protocol.ts'
import { FakeContextDesk } from './fake-context-desk.ts'
import { FakePage, FakeWindow } from './fakes.ts'

describe('suggestions of the host', () => {
  let folder: string
  let desk: FakeContextDesk
  let suggestions: Suggestions
  let window: FakeWindow
  let page: FakePage
  let added: SuggestionSource[]
  const prompts: PromptOffer[] = []
  const resources: ResourceOffer[] = []
  const completed: unknown[] = []

  const at = (name: string): string => path.join(folder, name)
  const uri = (name: string): string => pathToFileURL(at(name)).href
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })

  const readResource = (_: string, address: string) => Promise.resolve([{ type: 'text', text: `of ${address}` }])
  const attached = new McpResources(
    () => ({ servers: [], readResource }) as unknown as McpServers,
    () => undefined,
  )
  const offering: Offering = {
    prompts: () => Promise.resolve(prompts),
    resources: () => Promise.resolve(resources),
    prompt: (server, { name }, given) =>
      Promise.resolve({ text: `${server} ${name} ${JSON.stringify(given)}`, files: ['panelist-mcp:held'] }),
    completeArgument: (...asked) => (completed.push(asked), Promise.resolve(['main'])),
    picked: (resource) => attached.picked(resource),
    isOurs: () => true,
    isPicked: (resource) => attached.isPicked(resource),
    now: (resource, known) => attached.now(resource, known),
    read: (name) =>
      name === 'panelist-mcp:held'
        ? Promise.resolve([{ name, data: Buffer.from(`of ${name}`).toString('base64') }])
        : attached.read(name),
  }

  const ask = async (trigger: '/' | '@', query: string) => {
    for (let time = 0; ; time++) {
      const { items, more } = await suggestions.suggest(page.session, trigger, query)
      if (!more || time > 600) return items
      await pause(50)
    }
  }
  const labels = async (trigger: '/' | '@', query: string) => (await ask(trigger, query)).map(({ label }) => label)
  const pick = async (query: string, label: string, draft = ''): Promise<Taken> => {
    const found = (await ask(query.startsWith('/') ? '/' : '@', query.slice(1))).find((one) => one.label === label)
    assert.ok(found, `${label} is offered for ${query}`)
    return suggestions.take(page.session, found.id, draft)
  }
  const files = (taken: Taken): ReadFile[] => (taken.kind === 'files' ? taken.files : [])
  const textOf = (file: ReadFile | undefined): string => Buffer.from(file?.data ?? '', 'base64').toString()

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-suggest-')))
    write('src/ring.ts', 'export class Ring {}\n')
    write('src/buffers/string-ring.ts', 'export const x = 1\n')
    write('docs/guide.md', '# Guide\n')
    write('.gitignore', 'build/\n')
    write('build/out.js', 'built\n')
    desk = new FakeContextDesk(folder)
    added = []
    prompts.splice(0)
    resources.splice(0)
    completed.splice(0)
    window = new FakeWindow()
    page = new FakePage(window)
    suggestions = new Suggestions({
      log: window.services.log.from('panel'),
      load: () => Promise.resolve({ sources: ownSources(desk, () => offering), rank }),
    })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('put the best first and mark the letters', async () => {
    const [first] = await ask('/', 'mod')
    assert.equal(first?.label, '/model')
    assert.deepEqual(first?.marks, [[1, 4]])
    assert.deepEqual(await labels('/', 'zzzz'), [])
    assert.deepEqual((await labels('/', '')).slice(0, 2), ['/new', '/model'])
  })

  it('come from sources that others add, and one that fails takes nothing from the others', async () => {
    const source = (name: string, offers: SuggestionSource['offers']): SuggestionSource => ({
      name,
      trigger: '/',
      offers,
      take: (key) => Promise.resolve({ kind: 'text', text: `${name} ${key}` }),
    })
    suggestions.add(source('mine', async () => [{ key: 'a:b', label: '/explain', icon: 'book', group: 'Prompts' }]))
    suggestions.add(source('broken', () => Promise.reject(new Error('no'))))
    suggestions.add(source('slow', () => new Promise(() => undefined)))
    const { items, more } = await suggestions.suggest(page.session, '/', 'expl')
    assert.deepEqual(
      items.map(({ id }) => id),
      ['/mine:a:b'],
    )
    assert.equal(more, true)
    assert.deepEqual(await suggestions.take(page.session, '/mine:a:b', ''), { kind: 'text', text: 'mine a:b' })
    await assert.rejects(suggestions.take(page.session, '/gone:x', ''), /no longer offered/)
    assert.equal(added.length, 0)
  })

  describe('of files', () => {
    it('are found by letters of the name and of the path, without what is ignored', async () => {
      assert.equal((await labels('@', 'ring'))[0], 'ring.ts')
      assert.ok((await labels('@', 'bufring')).includes('string-ring.ts'))
      assert.ok((await labels('@', 'docs')).includes('docs/'))
      assert.ok(!(await labels('@', 'out.js')).includes('out.js'))
    })

    it('go along whole under their path', async () => {
      const [file] = files(await pick('@ring', 'ring.ts'))
      assert.equal(file?.name, 'src/ring.ts')
      assert.equal(textOf(file), 'export class Ring {}\n')
      assert.deepEqual([file?.context?.label, file?.context?.detail], ['ring.ts', undefined])
    })

    it('go along as they are in the editor, with what is not saved', async () => {
      desk.workspace.unsaved.set(uri('src/ring.ts'), 'unsaved')
      assert.equal(textOf(files(await pick('@ring', 'ring.ts'))[0]), 'unsaved')
    })

    it('go along in part where lines are named', async () => {
      write('long.txt', Array.from({ length: 100 }, (_, line) => `line ${line + 1}`).join('\n'))
      const [file] = files(await pick('@long.txt:10-12', 'long.txt:10-12'))
      assert.equal(textOf(file), 'line 10\nline 11\nline 12')
      assert.equal(file?.name, 'long.txt (lines 10-12 of 100)')
    })

    it('that are big go along by what the message speaks of, and say which lines', async () => {
      const lines = Array.from({ length: 5_000 }, (_, line) => `const filler${line} = ${line} // nothing to see`)
      lines[2_999] = 'function overflowGuard() {}'
      write('big.ts', lines.join('\n'))
      const [first] = files(await pick('@big', 'big.ts'))
      assert.equal(first?.context?.detail, 'lines 1-200 of 5,000')
      const [file] = files(await pick('@big', 'big.ts', 'What does overflowGuard do?'))
      assert.equal(file?.context?.detail, 'lines 2988-3012 of 5,000')
      assert.match(textOf(file), /^\[lines 2988-3012\]\n[\s\S]*overflowGuard/)
      desk.outline = [{ name: 'overflowGuard', kind: 'function', line: 3_000, endLine: 3_000, children: [] }]
      const [outlined] = files(await pick('@big', 'big.ts', 'What does overflowGuard do?'))
      assert.match(outlined?.context?.detail ?? '', /^outline and lines/)
      assert.match(textOf(outlined), /^\[outline\]\nfunction overflowGuard \(3000-3000\)/)
    })

    it('that are secret or ignored are asked for first, by name, and not read where the answer is no', async () => {
      write('.env', 'TOKEN=secret')
      desk.yes = false
      assert.deepEqual(await pick('@.env', '.env'), { kind: 'left' })
      assert.match(desk.asked[0] ?? '', /^Attach \.env\? Its name says that it holds secrets\./)
      assert.deepEqual(await pick('@build/out.js', 'out.js'), { kind: 'left' })
      assert.match(desk.asked[1] ?? '', /^Attach build\/out\.js\? It is ignored\./)
      desk.yes = true
      assert.equal(textOf(files(await pick('@.env', '.env'))[0]), 'TOKEN=secret')
    })

    it('outside of the workspace are not read, also not by a link, a way up or a like name', async () => {
      const outside = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-outside-')))
      writeFileSync(path.join(outside, 'secret.txt'), 'secret')
      symlinkSync(path.join(outside, 'secret.txt'), at('link.txt'))
      mkdirSync(`${folder}-other`)
      writeFileSync(path.join(`${folder}-other`, 'x.txt'), 'secret')
      const addresses = [
        pathToFileURL(path.join(outside, 'secret.txt')).href,
        uri('link.txt'),
        `${pathToFileURL(folder).href}/%2e%2e/${path.basename(outside)}/secret.txt`,
        pathToFileURL(path.join(`${folder}-other`, 'x.txt')).href,
        uri('none.txt'),
        'vscode-userdata:/settings.json',
        'memfs:/%E0%A4%A',
      ]
      for (const address of addresses) {
        const read = await suggestions.named(page.session, address, '')
        assert.deepEqual([read.length, read[0]?.data], [1, undefined], address)
        assert.ok(read[0]?.why, address)
      }
      rmSync(outside, { recursive: true })
      rmSync(`${folder}-other`, { recursive: true })
    })

    it('that are folders go along with their files, without what is ignored or secret', async () => {
      write('src/.env', 'TOKEN=secret')
      write('src/buffers/.gitignore', 'skipped.ts')
      write('src/buffers/skipped.ts', 'skipped words')
      const [file] = files(await pick('@src', 'src/'))
      const text = textOf(file)
      assert.match(text, /^src\/\.env\nsrc\/ring\.ts\nsrc\/buffers\/\.gitignore\nsrc\/buffers\/string-ring\.ts\n/)
      assert.match(text, /--- src\/ring\.ts\nexport class Ring/)
      assert.doesNotMatch(text, /TOKEN|skipped words/)
      assert.equal(file?.context?.detail, '3 of 4 files')
    })

    it('that are pictures go along as they are', async () => {
      writeFileSync(at('dot.png'), Buffer.from([137, 80, 78, 71, 0, 1]))
      const [file] = files(await pick('@dot', 'dot.png'))
      assert.deepEqual([file?.name, file?.context], ['dot.png', undefined])
    })

    it('are out of date once they changed, and not any more when they are as before', async () => {
      const [file] = files(await pick('@ring', 'ring.ts'))
      const { ref = '', digest = '' } = file?.context ?? {}
      const items = [{ ref, digest }]
      assert.deepEqual(await suggestions.stale(items), [])
      desk.workspace.unsaved.set(uri('src/ring.ts'), 'other')
      assert.deepEqual(await suggestions.stale(items), [ref])
      assert.equal(textOf((await suggestions.files(page.session, ref))[0]), 'other')
      desk.workspace.unsaved.clear()
      assert.deepEqual(await suggestions.stale(items), [])
      rmSync(at('src/ring.ts'))
      assert.deepEqual(await suggestions.stale(items), [ref])
    })
  })

  it('are what the editor has: the selection, problems, the last command', async () => {
    assert.ok(!(await labels('@', '')).includes('selection'))
    desk.selected = { uri: uri('src/ring.ts'), shown: 'src/ring.ts', text: 'class Ring', from: 3, to: 4, lines: 9 }
    desk.problems = [
      {
        uri: uri('src/ring.ts'),
        line: 3,
        column: 1,
        severity: 'error',
        message: 'No such thing',
        source: 'ts',
        code: '7',
      },
    ]
    desk.command = { terminal: 'bash', line: 'npm test', output: '1 failing', exitCode: 1 }
    const [selected] = files(await pick('@sel', 'selection'))
    assert.deepEqual([selected?.name, textOf(selected)], ['src/ring.ts (lines 3-4, selected)', 'class Ring'])
    const { ref = '', digest = '' } = selected?.context ?? {}
    assert.deepEqual(await suggestions.stale([{ ref, digest }]), [])
    write('src/ring.ts', 'other\n')
    assert.deepEqual(await suggestions.stale([{ ref, digest }]), [ref])
    const [problems] = files(await pick('@prob', 'problems'))
    assert.equal(textOf(problems), 'src/ring.ts:3:1 error (ts 7): No such thing')
    const [terminal] = files(await pick('@term', 'terminal'))
    assert.equal(textOf(terminal), '$ npm test\n1 failing\n[exit code 1]')
  })

  it('are symbols of the workspace by their name', async () => {
    const symbol = { name: 'Ring', kind: 'class', uri: uri('src/ring.ts'), shown: 'src/ring.ts', from: 1, to: 1 }
    desk.known = [symbol]
    const [file] = files(await pick('@symbol:Ri', 'Ring'))
    assert.deepEqual([file?.name, textOf(file)], ['src/ring.ts (line 1 of 2)', 'export class Ring {}'])
    assert.deepEqual(await pick('@symb', 'symbol:'), { kind: 'narrow', query: 'symbol:' })
  })

  it('are changes and commits of git', async () => {
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('commit', '-q', '-m', 'Begin with rings')
    write('src/ring.ts', 'export class Bing {}\n')
    write('new.ts', 'new words\n')
    const [changes] = files(await pick('@chan', 'changes'))
    assert.match(textOf(changes), /\(Not known to git yet: new\.ts\.\)$/)
    assert.match(textOf(changes), /-export class Ring \{\}\n\+export class Bing \{\}/)
    assert.deepEqual(await suggestions.stale([{ ref: '@git:changes', digest: changes?.context?.digest ?? '' }]), [])
    write('src/ring.ts', 'export class King {}\n')
    assert.equal((await suggestions.stale([{ ref: '@git:changes', digest: changes?.context?.digest ?? '' }])).length, 1)
    const ofFile = async (path: string) => textOf((await suggestions.files(page.session, `@git:changes ${path}`))[0])
    git('add', 'src/ring.ts')
    assert.match(await ofFile('src/ring.ts'), /\+export class King/)
    assert.equal(await ofFile('new.ts'), 'new words\n')
    desk.isTrusted = false
    assert.ok(!(await labels('@', 'chan')).includes('changes'))
    await assert.rejects(suggestions.take(page.session, '@git:changes', ''), /not trusted/)
    desk.isTrusted = true
    const [commit] = files(await pick('@commit:rings', 'Begin with rings'))
    assert.match(textOf(commit), /Begin with rings[\s\S]*\+# Guide/)
  })

  it('are pages of the web, which are asked for and never private ones', async () => {
    const server = http.createServer((_, response) => response.end('words of the page')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const url = `http://${host}/page`
    try {
      await assert.rejects(pick(`@${url}`, url), /./)
      assert.deepEqual(desk.asked, [])
      desk.hosts = [host]
      desk.yes = false
      assert.deepEqual(await pick(`@${url}`, url), { kind: 'left' })
      assert.deepEqual(desk.asked, [`Fetch ${url}?`])
      desk.yes = true
      const [file] = files(await pick(`@${url}`, url))
      assert.deepEqual([file?.name, textOf(file)], [url, 'words of the page'])
    } finally {
      server.close()
    }
  })

  it('are earlier chats, of which a long one goes along by its end', async () => {
    const store = window.services.store()
    const chat = store.conversations.create({ title: 'Ring buffers' })
    let parent: string | null = null
    for (const [id, words] of [
      ['m1', 'old '.repeat(9_000)],
      ['m2', 'new '.repeat(5_000)],
    ] as const) {
      const message = { role: 'user' as const, content: [{ type: 'text' as const, text: words }] }
      store.messages.append({ id, conversation: chat.id, parent, createdAt: 1, state: 'done', message })
      parent = id
    }
    store.conversations.setLeaf(chat.id, 'm2')
    const [file] = files(await pick('@chat:ring', 'Ring buffers'))
    assert.equal(file?.context?.detail, 'its end')
    assert.match(textOf(file), /^## User\n\nnew new/)
    assert.doesNotMatch(textOf(file), /old/)
  })

  it('are prompts of MCP servers, with their arguments and what the server proposes for them', async () => {
    prompts.push({ server: 'hub', prompt: { name: 'review', title: 'Review', arguments: [] } })
    const branch = { name: 'branch', required: true }
    prompts.push({ server: 'hub', prompt: { name: 'merge', title: 'Merge', arguments: [branch] } })
    const plain = await pick('/review', '/review')
    assert.deepEqual(plain.kind === 'message' && [plain.text, plain.files.length], ['hub review {}', 1])
    const form = await pick('/merge', '/merge')
    assert.deepEqual(form, { kind: 'form', title: 'Merge', fields: [{ ...branch, completes: true }] })
    const id = '/mcp:["hub","merge"]'
    const proposed = await suggestions.complete(page.session, {
      id,
      argument: 'branch',
      typed: 'm',
      values: { a: 'b' },
    })
    assert.deepEqual(proposed, ['main'])
    assert.deepEqual(completed, [['hub', 'merge', 'branch', 'm', { a: 'b' }]])
    await assert.rejects(suggestions.take(page.session, id, '', { branch: '' }), /Merge needs a value for branch/)
    const filled = await suggestions.take(page.session, id, '', { branch: 'main' })
    assert.equal(filled.kind === 'message' && filled.text, 'hub merge {"branch":"main"}')
    await assert.rejects(suggestions.take(page.session, '/mcp:["hub","other"]', ''), /no longer offers/)
  })

  it('are resources of MCP servers, and templates once their variables are filled in', async () => {
    resources.push({ server: 'hub', uri: 'note://1', name: 'Note' })
    resources.push({ server: 'hub', template: 'issue://{number}', name: 'Issue' })
    const [note] = files(await pick('@resource:note', 'Note'))
    assert.deepEqual([note?.name, textOf(note)], ['Note (note://1, from the MCP server hub)', 'of note://1'])
    const form = await pick('@resource:issue', 'Issue…')
    assert.deepEqual(form.kind === 'form' && form.fields, [{ name: 'number', required: true }])
    const id = '@resource:["hub","issue://{number}"]'
    const [issue] = files(await suggestions.take(page.session, id, '', { number: '7' }))
    assert.equal(textOf(issue), 'of issue://7')
    await assert.rejects(suggestions.take(page.session, '@resource:["hub","note://2"]', ''), /no longer offers/)
  })
})
