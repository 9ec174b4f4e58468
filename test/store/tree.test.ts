/** Both stores against a plain model, under random edits of a conversation. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Message } from '../../src/shared/message.ts'
import type { Store } from '../../src/store/store.ts'
import { Place, answer, chain, stored } from './support.ts'

type Role = Message['role']
/** `parent` as it was written; whoever removed the message is named in `removal`. */
type Node = { id: string; parent: string | null; role: Role; removal?: number }

/** The tree as anyone would draw it: what is removed is skipped, what is below it moves up. */
class Model {
  nodes: Node[] = []
  find = (id: string | null) => this.nodes.find((node) => node.id === id)
  get shown() {
    return this.nodes.filter(({ removal }) => removal === undefined)
  }
  above(id: string | null): string | null {
    const node = this.find(id)
    return node?.removal === undefined ? id : this.above(node.parent)
  }
  children = (parent: string | null) => this.shown.filter((node) => this.above(node.parent) === parent)
  below = (id: string): Node[] => this.children(id).flatMap((child) => [child, ...this.below(child.id)])
  leafOf(id: string): string {
    const leaves = this.below(id).filter((node) => this.children(node.id).length === 0)
    return leaves.sort((a, b) => this.nodes.indexOf(b) - this.nodes.indexOf(a))[0]?.id ?? id
  }
  branch(id: string | null): string[] {
    const at = this.above(id)
    return at === null ? [] : [...this.branch(this.find(at)?.parent ?? null), at]
  }
  unit(node: Node): Node[] {
    const parent = this.find(this.above(node.parent))
    const head = node.role === 'tool' && parent?.role === 'assistant' ? parent : node
    return head.role === 'assistant' ? [head, ...this.children(head.id).filter(({ role }) => role === 'tool')] : [node]
  }
}

type Step =
  | { do: 'append'; at: number; role: Role }
  | { do: 'remove'; at: number; what: 'message' | 'branch' }
  | { do: 'undo'; at: number }
  | { do: 'show'; at: number }
  | { do: 'purge' }

const at = fc.nat(30)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      at,
      role: fc.constantFrom<Role>('user', 'assistant', 'tool'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      at,
      what: fc.constantFrom('message' as const, 'branch' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), at }) },
  fc.record({ do: fc.constant('show' as const), at }),
  fc.constant({ do: 'purge' as const }),
)

const messageOf = (role: Role, id: string): Message => {
  const content = [{ type: 'text' as const, text: id }]
  if (role === 'assistant') return answer(content)
  return role === 'user'
    ? { role, content }
    : { role, content: [{ type: 'tool-result', callId: 'c', name: 'n', ranBy: 'host', output: content }] }
}

describe('the tree of a conversation, in both stores', () => {
  it('is what a plain model says, whatever is added, removed, undone and purged', () => {
    const place = new Place()
    let now = 0
    const clock = () => now
    const stores: Store[] = [place.open({ clock }), place.tryOpen({ clock, sqlite: undefined }).store]
    let run = 0
    const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const conversation = `conversation-${++run}`
      for (const store of stores) store.conversations.create({ id: conversation, title: 'T' })
      const model = new Model()
      let written = 0
      const removals: { tokens: string[]; number: number }[] = []
      const both = <T>(read: (store: Store) => T): T => {
        const [first, second] = stores.map(read)
        assert.deepEqual(second, first)
        return first as T
      }

      for (const one of steps) {
        const node = model.nodes[one.do === 'purge' ? 0 : one.at % Math.max(1, model.nodes.length)]
        switch (one.do) {
          case 'append': {
            // Below a removed message too: another window may write where this one removes.
            const parent = node && one.at % 7 > 0 ? node.id : null
            const id = `${conversation}-${++written}`
            model.nodes.push({ id, parent, role: one.role })
            const message = stored(conversation, { id, parent, message: messageOf(one.role, id) })
            for (const store of stores) store.messages.append(message)
            for (const store of stores) store.conversations.setLeaf(conversation, id)
            break
          }
          case 'remove': {
            if (!node) break
            const before = both((store) => store.conversations.get(conversation)?.leaf)
            const done = stores.map((store) => store.messages.remove(node.id, one.what))
            if (node.removal !== undefined) {
              assert.deepEqual(done, [undefined, undefined])
              break
            }
            const gone = one.what === 'branch' ? [node, ...model.below(node.id)] : model.unit(node)
            const number = ++run
            for (const each of gone) each.removal = number
            removals.push({ tokens: done.map((removal) => removal!.token), number })
            const leaf = both((store) => store.conversations.get(conversation)?.leaf)
            assert.equal(done[0]?.leaf, leaf)
            if (before !== undefined && model.find(before)?.removal === undefined) assert.equal(leaf, before)
            break
          }
          case 'undo': {
            const [removal] = removals.splice(one.at % Math.max(1, removals.length), 1)
            if (!removal) break
            const done = stores.map((store, place) => store.messages.restoreRemoved(removal.tokens[place] ?? ''))
            assert.deepEqual(done, [true, true])
            for (const each of model.nodes) if (each.removal === removal.number) delete each.removal
            break
          }
          case 'show':
            if (node) for (const store of stores) store.conversations.setLeaf(conversation, node.id)
            break
          case 'purge': {
            now += 25 * 3_600_000
            for (const store of stores) store.conversations.purge()
            const shown = model.shown.map((each) => ({ ...each, parent: model.above(each.parent) }))
            model.nodes = shown
            removals.length = 0
          }
        }

        const tree = both((store) => store.messages.tree(conversation))
        assert.deepEqual(
          tree.map(({ id, parent, role, preview }) => ({ id, parent, role, preview })),
          model.shown.map(({ id, parent, role }) => ({
            id,
            parent: model.above(parent),
            role,
            preview: role === 'tool' ? 'n' : id,
          })),
        )
        const leaf = both((store) => store.conversations.get(conversation)?.leaf)
        assert.equal(leaf === undefined, model.shown.length === 0)
        if (leaf !== undefined) assert.equal(model.find(leaf)?.removal, undefined)
        for (const { id } of model.nodes) {
          const there = model.find(id)?.removal === undefined
          const branch = both((store) => store.messages.branch(conversation, id))
          assert.deepEqual(
            branch.map((message) => message.id),
            model.branch(id),
          )
          assert.deepEqual(
            branch.map(({ parent }) => parent),
            [null, ...model.branch(id).slice(0, -1)].slice(0, branch.length),
          )
          assert.equal(both((store) => store.messages.get(id))?.id, there ? id : undefined)
          assert.deepEqual(
            both((store) => store.messages.siblings(id)),
            there ? model.children(model.above(model.find(id)!.parent)).map((sibling) => sibling.id) : [],
          )
          assert.equal(
            both((store) => store.messages.leafOf(id)),
            there ? model.leafOf(id) : id,
          )
          if (there) {
            assert.deepEqual(
              both((store) => store.messages.children(conversation, id)).map((child) => child.id),
              model.children(id).map((child) => child.id),
            )
          }
        }
        const found = both((store) => store.conversations.list({ search: `${conversation}` }))
        assert.equal(found.length, model.shown.length > 0 ? 1 : 0)
        assert.equal(found[0]?.messages, model.shown.length || undefined)
      }
    })
    try {
      fc.assert(property, { numRuns: 60 })
    } finally {
      place.dispose()
    }
  }).timeout(60_000)
})

describe('a long branch', () => {
  it('is read whole, and by pages of any size, past what was removed of it', () => {
    const place = new Place()
    try {
      const store = place.open()
      const { id: conversation } = store.conversations.create({ title: 'Long' })
      const ids = chain(store, conversation, 100)
      const leaf = ids.at(-1)!
      for (const id of ids.slice(30, 70)) store.messages.remove(id, 'message')
      const left = [...ids.slice(0, 30), ...ids.slice(70)]
      const branch = store.messages.branch(conversation, leaf)
      assert.deepEqual(
        branch.map(({ id, parent }) => ({ id, parent })),
        left.map((id, at) => ({ id, parent: left[at - 1] ?? null })),
      )
      for (const limit of [1, 31, 32, 33, 100]) {
        const page = store.messages.page(conversation, { leaf, limit })
        assert.deepEqual(page, { messages: branch.slice(-limit), more: limit < left.length })
      }
    } finally {
      place.dispose()
    }
  })
})
