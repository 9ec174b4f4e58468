import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Tool, ToolSource } from '../../src/tools/tool.ts'
import { tokensOf, Toolbox } from '../../src/tools/toolbox.ts'
import { tool } from '../harness/turn.ts'

const source = fc.oneof(
  fc.constantFrom('files', 'web').map((server): ToolSource => ({ kind: 'mcp', server })),
  fc.constantFrom('One', 'Two').map((label): ToolSource => ({ kind: 'extension', label })),
)
const name = fc.oneof(
  fc.constantFrom(
    'read_file',
    'Read file',
    '0digits',
    '-dash',
    '',
    'ünï',
    'n'.repeat(80),
    `${'n'.repeat(80)}m`,
    '__proto__',
  ),
  fc.string({ maxLength: 70 }),
)
const own = tool({ name: 'read_file' })

describe('A toolbox', () => {
  it('gives every tool a name of its own that any provider takes, and finds it by that name', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name, source }), { maxLength: 12 }), (others) => {
        const tools: Tool[] = [...others.map((each) => tool(each)), own]
        const box = new Toolbox(tools)
        const names = box.specs.map((spec) => spec.name)
        assert.equal(new Set(names).size, tools.length)
        for (const each of names) assert.match(each, /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/)
        names.forEach((each, at) => assert.equal(box.get(each), tools[at]))
        assert.equal(box.get('read_file'), own, 'nothing passes for a tool of Panelist’s own')
      }),
    )
  })

  it('gives a tool the same name whatever stands beside it, except where another claims it', () => {
    const [one, other] = ['One', 'Two'].map((label) => tool({ name: 'search', source: { kind: 'extension', label } }))
    const nameIn = (tools: Tool[]) => new Toolbox(tools).specs[tools.indexOf(one!)]?.name
    assert.equal(nameIn([one!]), 'search')
    assert.equal(nameIn([one!, other!]), nameIn([other!, own, one!]))
    assert.notEqual(nameIn([one!, other!]), 'search')
  })

  it('knows no tool that is not in it', () => {
    const box = new Toolbox([own])
    for (const each of ['other', '__proto__', 'constructor', 'READ_FILE', 'read_file '])
      assert.equal(box.get(each), undefined)
  })

  it('counts what its tools take of each request', () => {
    const long = tool({ name: 'long', description: 'x'.repeat(4_000) })
    assert.ok(new Toolbox([own, long]).tokens > 1_000)
    assert.equal(new Toolbox([own, long]).tokens, new Toolbox([own]).tokens + tokensOf(long))
    assert.equal(new Toolbox([]).tokens, 0)
  })
})
