import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { TreeNode } from '../../src/shared/conversation.ts'
import { mapRows } from '../../webview/state/tree-map.ts'

const node = (id: string, parent: string | null, role: TreeNode['role'] = 'user'): TreeNode => ({
  id,
  parent,
  role,
  createdAt: 0,
  state: 'done',
  preview: id,
})
const drawn = (nodes: TreeNode[], leaf: string | undefined, open: string[] = []): string[] =>
  mapRows(nodes, leaf, new Set(open)).map(
    ({ node: { id }, level, shown, branch }) =>
      `${'  '.repeat(level)}${id}${shown ? '*' : ''}${branch ? ` ${branch.open ? '-' : '+'}${branch.messages}` : ''}`,
  )

describe('the rows of the map', () => {
  const nodes = [
    node('u1', null),
    node('a1', 'u1'),
    node('a1b', 'u1'),
    node('u2', 'a1b'),
    node('t2', 'u2', 'tool'),
    node('a2', 't2'),
    node('u3', 'a1'),
    node('u4', 'a1'),
  ]

  it('run down the shown branch, with what stands beside it folded', () => {
    assert.deepEqual(drawn(nodes, 'a2'), ['u1*', '  a1 +3', 'a1b*', 'u2*', 'a2*'])
    assert.deepEqual(drawn(nodes, 'u3'), ['u1*', '  a1b +3', 'a1*', '  u4 +1', 'u3*'])
  })

  it('unfold a branch, in which the newest runs down', () => {
    assert.deepEqual(drawn(nodes, 'a2', ['a1']), ['u1*', '  a1 -3', '    u3 +1', '  u4', 'a1b*', 'u2*', 'a2*'])
  })

  it('show a conversation that begins in several ways, and one that shows nothing', () => {
    assert.deepEqual(drawn([node('a', null), node('b', null)], 'a'), ['  b +1', 'a*'])
    assert.deepEqual(drawn([], undefined), [])
  })

  it('hold every message that is no result once all is unfolded, each once, however deep', () => {
    const parents = fc.array(fc.nat(), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(parents, fc.nat(), (list, shown) => {
        const tree = list.map((parent, at) => node(`n${at}`, at === 0 ? null : `n${parent % at}`))
        const rows = mapRows(tree, `n${shown % tree.length}`, new Set(tree.map(({ id }) => id)))
        assert.deepEqual(rows.map((row) => row.node.id).sort(), tree.map(({ id }) => id).sort())
      }),
    )
    const chain = Array.from({ length: 20_000 }, (_, at) => node(`n${at}`, at === 0 ? null : `n${at - 1}`))
    assert.equal(mapRows(chain, 'n19999', new Set()).length, 20_000)
  })
})
