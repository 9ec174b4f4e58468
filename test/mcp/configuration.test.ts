import assert from 'node:assert/strict'
import { homedir } from 'node:os'
import fc from 'fast-check'
import type { ConfiguredServer } from '../../src/mcp/configuration/definition.ts'
import { defaultTimeouts } from '../../src/mcp/configuration/definition.ts'
import { parseJsonc } from '../../src/mcp/configuration/jsonc.ts'
import { merge, parseFile, parseSettings } from '../../src/mcp/configuration/parse.ts'
import type { ResolvePorts } from '../../src/mcp/configuration/resolve.ts'
import { resolveDefinition } from '../../src/mcp/configuration/resolve.ts'

const ports = (more: Partial<ResolvePorts> = {}): ResolvePorts => ({
  folders: () => [
    { name: 'shop', path: '/srv/shop' },
    { name: 'api', path: '/srv/api' },
  ],
  env: (name) => ({ TOKEN: 't0ken', EMPTY: '' })[name],
  ask: async (_, { id }) => `answer to ${id}`,
  readFile: async () => '',
  ...more,
})

const never = new AbortController().signal

function one(file: object, origin: 'vscode' | 'project' = 'vscode'): ConfiguredServer {
  const { servers, problems } = parseFile(origin, JSON.stringify(file))
  assert.deepEqual(problems, [])
  assert.ok(servers[0])
  return servers[0]
}

describe('the configuration of servers', () => {
  it('is read from the editor’s own file, with its comments', () => {
    const { servers, problems } = parseFile(
      'vscode',
      `// servers
      { "inputs": [{ "type": "promptString", "id": "key", "description": "API key", "password": true },
                   { "type": "promptString", "id": "unused" }],
        "servers": {
          "git": { "command": "uvx", "args": ["mcp-server-git", "--repo", "\${workspaceFolder}", 7], /* here */
                   "env": { "KEY": "\${input:key}", "PORT": 80, "NOT": null }, },
          "docs": { "type": "http", "url": "https://docs.example/mcp", "headers": { "X-Key": "//no comment" } },
          "old": { "type": "sse", "url": "https://old.example/sse" },
        } }`,
    )
    assert.deepEqual(problems, [])
    const inputs = [{ type: 'text', id: 'key', description: 'API key', secret: true }]
    const common = { origin: 'vscode', timeouts: defaultTimeouts, inputs: [] }
    const args = ['mcp-server-git', '--repo', '${workspaceFolder}', '7']
    const env = { KEY: '${input:key}', PORT: '80', NOT: null }
    assert.deepEqual(servers, [
      { ...common, name: 'git', definition: { transport: 'stdio', command: 'uvx', args, env }, inputs },
      {
        ...common,
        name: 'docs',
        definition: { transport: 'http', url: 'https://docs.example/mcp', headers: { 'X-Key': '//no comment' } },
      },
      { ...common, name: 'old', definition: { transport: 'sse', url: 'https://old.example/sse', headers: {} } },
    ])
  })

  it('is read from .mcp.json and from the settings', () => {
    const project = one({ mcpServers: { a: { command: 'a' } } }, 'project')
    assert.deepEqual(project.definition, { transport: 'stdio', command: 'a', args: [], env: {} })
    const { servers } = parseSettings({ b: { url: 'http://localhost:1/mcp', requestTimeout: 2.5, disabled: true } })
    assert.deepEqual(servers, [
      {
        name: 'b',
        origin: 'settings',
        definition: { transport: 'http', url: 'http://localhost:1/mcp', headers: {} },
        inputs: [],
        timeouts: { ...defaultTimeouts, request: 2500 },
        disabled: true,
      },
    ])
    assert.deepEqual(parseSettings(undefined), { servers: [], problems: [] })
  })

  it('says of each server that cannot be used why, and keeps the others', () => {
    const { servers, problems } = parseSettings({
      good: { command: 'good' },
      '': { command: 'a' },
      'a\u202eb': { command: 'a' },
      none: {},
      text: 'npx server',
      kind: { type: 'websocket', url: 'ws://a' },
      args: { command: 'a', args: 'one two' },
      env: { command: 'a', env: { A: { secret: true } } },
      headers: { url: 'http://a', headers: { A: null } },
      time: { command: 'a', startTimeout: -1 },
      input: { command: '${input:nobody}' },
      nul: { command: 'a\0b' },
    })
    assert.deepEqual(
      servers.map(({ name }) => name),
      ['good'],
    )
    assert.equal(problems.length, 11)
    assert.equal(
      problems.find(({ server }) => server === 'args')?.message,
      'The server args of the setting panelist.mcp.servers cannot be used: its “args” is no list.',
    )
    for (const { message } of problems) assert.match(message, /cannot be used: .+[^.]\.$/)
  })

  it('of any kind is read without an exception', () => {
    const file = fc.record({ servers: fc.dictionary(fc.string(), fc.jsonValue()), inputs: fc.jsonValue() })
    fc.assert(fc.property(file, (value) => void parseFile('vscode', JSON.stringify(value))))
    fc.assert(fc.property(fc.string(), (text) => void parseFile('project', text)))
    assert.match(
      parseFile('vscode', '{"servers": [').problems[0]?.message ?? '',
      /^\.vscode\/mcp\.json is no JSON object/,
    )
  })

  it('keeps every JSON as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        assert.deepEqual(parseJsonc(JSON.stringify(value, null, 1)), JSON.parse(JSON.stringify(value))),
      ),
    )
    assert.deepEqual(parseJsonc('{"a": ",]", "b": "/* x */", /* , */ "c": [1, 2, ], }'), {
      a: ',]',
      b: '/* x */',
      c: [1, 2],
    })
  })

  it('never lets a workspace stand in for a server of the person’s own', () => {
    const own = parseSettings({ same: { command: 'mine' } })
    const theirs = parseFile('vscode', '{"servers": {"same": {"command": "theirs"}, "other": {"command": "other"}}}')
    const { servers, problems } = merge([own, theirs])
    assert.deepEqual(
      servers.map(({ definition }) => definition.transport === 'stdio' && definition.command),
      ['mine', 'other'],
    )
    assert.match(problems[0]?.message ?? '', /^There is a server same in the setting/)
  })
})

describe('the variables of a definition', () => {
  const stdio = async (server: ConfiguredServer, given = ports()) => {
    const resolved = await resolveDefinition(server, given, never)
    assert.ok(resolved.transport === 'stdio')
    return resolved.program
  }

  it('are filled in as the editor does, everywhere', async () => {
    const program = await stdio(
      one({
        inputs: [{ type: 'pickString', id: 'level', options: ['a', { label: 'B', value: 'b' }] }],
        servers: {
          all: {
            command: '${workspaceFolder}/bin/${workspaceFolderBasename}',
            args: [
              '${workspaceFolder:api}',
              '${env:TOKEN}${env:MISSING}!',
              '${userHome}',
              '${input:level}',
              '$HOME ${',
            ],
            env: { A: '${input:level}' },
            cwd: 'sub',
          },
        },
      }),
    )
    assert.deepEqual(program, {
      command: '/srv/shop/bin/shop',
      args: ['/srv/api', 't0ken!', homedir(), 'answer to level', '$HOME ${'],
      env: { A: 'answer to level' },
      cwd: '/srv/shop/sub',
    })
  })

  it('ask for each input once, one after another', async () => {
    const asked: string[] = []
    let open = 0
    const ask: ResolvePorts['ask'] = async (_, { id }) => {
      assert.equal((open += 1), 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      open -= 1
      asked.push(id)
      return id
    }
    const inputs = ['a', 'b'].map((id) => ({ type: 'promptString', id }))
    const program = await stdio(
      one({ inputs, servers: { s: { command: 'c', args: ['${input:a}', '${input:b}', '${input:a}'] } } }),
      ports({ ask }),
    )
    assert.deepEqual(
      [asked, program.args],
      [
        ['a', 'b'],
        ['a', 'b', 'a'],
      ],
    )
  })

  it('are not looked for in what was filled in', async () => {
    const program = await stdio(
      one({ servers: { s: { command: 'c', args: ['${env:TRICK}'] } } }),
      ports({ env: () => '${env:TOKEN}' }),
    )
    assert.deepEqual(program.args, ['${env:TOKEN}'])
  })

  it('fail with the name of what is missing', async () => {
    const fails = async (server: ConfiguredServer, message: RegExp, given = ports()) =>
      assert.rejects(stdio(server, given), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'configuration')
        assert.match(error.message, message)
        return true
      })
    const with_ = (arg: string) => one({ servers: { s: { command: 'c', args: [arg] } } })
    await fails(
      with_('${command:evil.run}'),
      /^s cannot start: it uses \$\{command:evil\.run\}, which means nothing here\./,
    )
    await fails(with_('${workspaceFolder:none}'), /no folder none in the workspace/)
    await fails(with_('${workspaceFolder}'), /no folder is open/, ports({ folders: () => [] }))
    const input = one({ inputs: [{ type: 'promptString', id: 'k' }], servers: { s: { command: '${input:k}' } } })
    await fails(input, /it needs a value for k/, ports({ ask: async () => undefined }))
  })

  it('of .mcp.json may have a value for when they are not set', async () => {
    const args = ['${TOKEN}', '${NONE:-else}', '${EMPTY:-else}']
    const program = await stdio(one({ mcpServers: { s: { command: 'c', args } } }, 'project'))
    assert.deepEqual(program.args, ['t0ken', 'else', 'else'])
    await assert.rejects(
      stdio(one({ mcpServers: { s: { command: '${NONE}' } } }, 'project')),
      /variable NONE is not set/,
    )
  })

  it('come from a file of variables too, and the definition wins', async () => {
    const text = '# comment\nexport A=1\nB="two \\"words\\"" # more\nC=\'x\'\nD=plain # comment\nA2=\nnonsense\n'
    const server = one({ servers: { s: { command: 'c', envFile: '.env', env: { A: 'mine' } } } })
    const files: string[] = []
    const program = await stdio(server, ports({ readFile: async (file) => (files.push(file), text) }))
    assert.deepEqual(program.env, { A: 'mine', B: 'two "words"', C: 'x', D: 'plain', A2: '' })
    assert.deepEqual(files, ['/srv/shop/.env'])
  })

  it('in addresses and headers never end in something that is none, and no error tells a value', async () => {
    const resolve = (definition: object) =>
      resolveDefinition(one({ servers: { s: definition } }), ports({ env: () => 'se\ncret' }), never)
    const good = await resolve({ url: 'http://127.0.0.1:8/mcp', headers: { A: 'b' } })
    assert.deepEqual(good, { transport: 'http', url: new URL('http://127.0.0.1:8/mcp'), headers: { A: 'b' } })
    for (const definition of [
      { url: 'file:///etc/passwd' },
      { url: 'https://name:${env:X}@a.example' },
      { url: 'https://a.example', headers: { A: '${env:X}' } },
    ]) {
      await assert.rejects(resolve(definition), (error: Error) => {
        assert.doesNotMatch(error.message, /cret/)
        return true
      })
    }
  })
})
