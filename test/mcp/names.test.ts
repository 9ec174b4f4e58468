import assert from 'node:assert/strict'
import fc from 'fast-check'
import { toolName } from '../../src/mcp/names.ts'

/** Names as people and machines give them, many of them close to each other. */
const plain = fc.stringMatching(/^[a-zA-Z0-9_-]{1,30}$/)
const close = fc.constantFrom('a', 'b', 'a_b', 'a-b', 'a b', 'a.b', 'A', '_', '__', '', 'b_0123456789ab', 'ü', '工具')
const any = fc.oneof(plain, close, fc.string({ unit: 'binary', maxLength: 200 }))

describe('the name of a tool', () => {
  it('is one that every provider takes, whatever the server and the tool are called', () => {
    fc.assert(
      fc.property(any, any, (server, tool) => assert.match(toolName(server, tool), /^mcp_[a-zA-Z0-9_-]{1,60}$/)),
    )
  })

  it('is the same for the same two names and for no other two', () => {
    const pair = fc.tuple(fc.oneof(close, any), fc.oneof(close, any))
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const same = one[0] === other[0] && one[1] === other[1]
        assert.equal(toolName(...one) === toolName(...other), same)
      }),
      { numRuns: 2_000 },
    )
  })

  it('cannot be made to be that of another server’s tool by copying its digest', () => {
    const digested = toolName('my server', 'read file')
    const tail = digested.slice('mcp_my_'.length)
    assert.notEqual(toolName('my', tail), digested)
  })

  it('keeps what a person reads where it can', () => {
    assert.equal(toolName('github', 'create_issue'), 'mcp_github_create_issue')
    assert.match(toolName('my server', 'read file'), /^mcp_my_server_read_file_[0-9a-f]{12}$/)
  })
})
