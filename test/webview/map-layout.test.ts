import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { TreeNode } from '../../src/shared/conversation.ts'
import { scrolledInto } from '../../webview/state/in-sight.ts'
import { countOf, drawnRows, foldAt, indentOf, ROW, startAt, whoOf, wordsOf } from '../../webview/state/map-layout.ts'
import type { MapRow } from '../../webview/state/tree-map.ts'

const row = (id: string, level = 0, more: Partial<MapRow> = {}, node: Partial<TreeNode> = {}): MapRow => ({
  node: { id, parent: null, role: 'user', createdAt: 0, state: 'done', preview: id, ...node },
  level,
  shown: level === 0,
  ...more,
})
const folded = { branch: { messages: 2, open: false } }
const unfolded = { branch: { messages: 2, open: true } }

describe('how the map lies', () => {
  const rows = [row('u1'), row('a1', 1, unfolded), row('u2', 1), row('a2', 2, folded), row('u3', 1), row('u4')]

  it('draws every row that can be seen, and few others', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 2000 }), (scrollTop, height) => {
        const { first, end } = drawnRows(scrollTop, height)
        assert.ok(first >= 0 && first * ROW <= scrollTop && end * ROW >= scrollTop + height)
        assert.ok((end - first) * ROW <= height + 2 * (200 + ROW))
      }),
    )
  })

  it('begins at the message in sight, else at the end of the shown branch', () => {
    assert.equal(startAt(rows, 'a2'), 3)
    assert.equal(startAt(rows, 'gone'), 5)
    assert.equal(startAt(rows, undefined), 5)
    assert.equal(startAt([], undefined), 0)
  })

  it('folds and unfolds the branch that stands there', () => {
    assert.deepEqual(foldAt(rows, 3, true), { id: 'a2' })
    assert.deepEqual(foldAt(rows, 1, false), { id: 'a1' })
  })

  it('leads from what cannot be folded to the fork it hangs from, and unfolds nothing twice', () => {
    assert.deepEqual(foldAt(rows, 3, false), { to: 2 })
    assert.deepEqual(foldAt(rows, 4, false), { to: 0 })
    assert.equal(foldAt(rows, 5, false), undefined)
    assert.equal(foldAt(rows, 1, true), undefined)
    assert.equal(foldAt(rows, 2, true), undefined)
    assert.equal(foldAt([], 0, false), undefined)
  })

  it('sets branches in, the deepest no further', () => {
    assert.deepEqual(
      [0, 1, 8, 30].map((level) => indentOf(row('u', level))),
      [8, 22, 120, 120],
    )
  })

  it('names who wrote each row and what, also where nothing was written', () => {
    assert.equal(whoOf(rows[0]!), 'You')
    assert.equal(whoOf(row('a', 0, {}, { role: 'assistant' })), 'Answer')
    assert.equal(whoOf(row('a', 0, {}, { role: 'assistant', model: { provider: 'p', model: 'gpt-5' } })), 'gpt-5')
    assert.equal(wordsOf(row('u', 0, {}, { preview: 'Why **this**?' })), 'Why this?')
    assert.equal(wordsOf(row('u', 0, {}, { preview: '' })), 'Files')
    assert.equal(wordsOf(row('a', 0, {}, { role: 'assistant', preview: '' })), 'Calls of tools')
    assert.equal(wordsOf(row('a', 0, {}, { role: 'assistant', preview: '', state: 'streaming' })), 'Being written')
  })

  it('counts messages and branches in words', () => {
    assert.equal(countOf([row('u1')]), '1 message')
    assert.equal(countOf([row('u1'), row('a1', 1, folded)]), '2 messages, 1 other branch')
    assert.equal(countOf(rows), '6 messages, 2 other branches')
  })
})

describe('a list that is scrolled to a row', () => {
  it('shows all of it where it fits, and stays where it was shown already', () => {
    const numbers = fc.record({
      top: fc.nat(5000),
      size: fc.nat(80),
      scrollTop: fc.nat(5000),
      height: fc.integer({ min: 80, max: 600 }),
    })
    fc.assert(
      fc.property(numbers, ({ top, size, scrollTop, height }) => {
        const bottom = top + size
        const to = scrolledInto(top, bottom, { scrollTop, clientHeight: height })
        assert.ok(to <= top && bottom <= to + height)
        if (scrollTop <= top && bottom <= scrollTop + height) assert.equal(to, scrollTop)
      }),
    )
  })
})
