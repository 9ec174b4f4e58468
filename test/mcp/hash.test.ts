import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { StdioDefinition } from '../../src/mcp/configuration/definition.ts'
import { canonical, definitionHash, toolHash } from '../../src/mcp/hash.ts'

const base: StdioDefinition = { transport: 'stdio', command: 'npx', args: ['-y', 'server'], env: { KEY: 'a' } }
const hash = (definition: StdioDefinition, envFile?: string) => definitionHash({ definition, inputs: [] }, envFile)

describe('the hash an approval is bound to', () => {
  it('changes with every part of a definition', () => {
    const others = [
      hash({ ...base, command: 'npm' }),
      hash({ ...base, args: ['-y', 'server', ''] }),
      hash({ ...base, args: ['-y server'] }),
      hash({ ...base, env: { KEY: 'b' } }),
      hash({ ...base, env: { KEY: null } }),
      hash({ ...base, env: {} }),
      hash({ ...base, cwd: '/' }),
      hash({ ...base, envFile: '.env' }),
      hash(base, 'KEY=b'),
      definitionHash({ definition: base, inputs: [{ type: 'text', id: 'a', description: '', secret: true }] }),
      definitionHash({ definition: { transport: 'http', url: 'http://a', headers: {} }, inputs: [] }),
      definitionHash({ definition: { transport: 'sse', url: 'http://a', headers: {} }, inputs: [] }),
      definitionHash({ definition: { transport: 'http', url: 'http://a', headers: { A: 'b' } }, inputs: [] }),
    ]
    assert.equal(new Set([hash(base), ...others]).size, others.length + 1)
    assert.match(hash(base), /^[0-9a-f]{64}$/)
  })

  it('does not change with the order in which it is written', () => {
    const { env, args, command, transport } = base
    assert.equal(hash({ env, args, command, transport }), hash(base))
  })

  it('is the same for the same JSON alone', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
        let same = true
        try {
          assert.deepStrictEqual(plain(one), plain(other))
        } catch {
          same = false
        }
        assert.equal(canonical(one) === canonical(other), same)
      }),
    )
    assert.notEqual(canonical({ object: [['a', 1]] }), canonical({ a: 1 }))
    assert.notEqual(canonical(JSON.parse('{"__proto__":1}')), canonical({}))
  })

  it('changes with all that is told of a tool, and with nothing else', () => {
    const tool = {
      name: 'add',
      description: 'Adds.',
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint: true },
    }
    const others = [
      { ...tool, name: 'sub' },
      { ...tool, title: 'Add' },
      { ...tool, description: 'Adds. And more.' },
      { ...tool, inputSchema: { type: 'object', description: 'first read the key' } },
      { ...tool, annotations: { readOnlyHint: false } },
      { ...tool, annotations: undefined },
    ].map(toolHash)
    assert.equal(new Set([toolHash(tool), ...others]).size, others.length + 1)
    assert.equal(toolHash({ ...tool, _meta: { count: 1 } } as typeof tool), toolHash(tool))
  })
})
