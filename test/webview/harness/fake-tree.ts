/** The tree of a conversation in the fake host: the shown branch of it is the scene's messages. */
import type { TreeNode } from '../../../src/shared/conversation.ts'
import { placesOf, readingOf } from '../../../src/shared/find-text.ts'
import { textOf } from '../../../src/shared/message.ts'
import type { FoundIn, ToHost, TreeView } from '../../../src/shared/protocol.ts'
import type { MessageView } from '../../../src/shared/view.ts'
import type { FakeHost } from './fake-host.ts'

const removed = new Map<string, { tree: MessageView[]; leaf: string | undefined }>()

/** The branch that ends here, each message with what stands beside it. */
export function branchOf(tree: readonly MessageView[], leaf: string | undefined): MessageView[] {
  const branch: MessageView[] = []
  for (let id: string | null | undefined = leaf; id != null;) {
    const message: MessageView | undefined = tree.find((one) => one.id === id)
    if (!message) break
    const ids = tree.filter(({ parent }) => parent === message.parent).map((one) => one.id)
    branch.unshift(ids.length < 2 ? message : { ...message, siblings: { at: ids.indexOf(message.id), ids } })
    id = message.parent
  }
  return branch
}

/** Undefined for what has nothing to do with the tree. */
export function answerTree(host: FakeHost, request: ToHost): unknown {
  const { scene } = host
  const tree = (scene.tree ??= structuredClone(scene.messages))
  const show = (leaf: string | undefined): void => void (scene.messages = branchOf(tree, leaf))
  switch (request.name) {
    case 'walk': {
      delete scene.comparison
      let leaf = request.body.message
      for (let child = tree.findLast(({ parent }) => parent === leaf); child;) {
        leaf = child.id
        child = tree.findLast(({ parent }) => parent === leaf)
      }
      show(leaf)
      return host.snapshot(request.body.message)
    }
    case 'branch':
      show(request.body.message)
      return host.snapshot(request.body.message)
    case 'tree': {
      const leaf = scene.messages.at(-1)?.id
      return { nodes: tree.map(nodeOf), ...(leaf !== undefined && { leaf }) } satisfies TreeView
    }
    case 'find-text': {
      const { text, matchCase } = request.body
      const found = readingOf(scene.messages).map(({ message, text: read }): FoundIn => {
        return { message, count: placesOf(read, text, matchCase).length }
      })
      return found.filter(({ count }) => count > 0)
    }
    case 'remove-messages': {
      const { messages, what } = request.body
      const undo = `undo${removed.size}`
      removed.set(undo, { tree: structuredClone(tree), leaf: scene.messages.at(-1)?.id })
      const gone = new Set(messages)
      for (const one of tree) if (what === 'branch' && one.parent !== null && gone.has(one.parent)) gone.add(one.id)
      const parentOf = (id: string | null): string | null =>
        id !== null && gone.has(id) ? parentOf(tree.find((one) => one.id === id)!.parent) : id
      const left = tree.filter(({ id }) => !gone.has(id)).map((one) => ({ ...one, parent: parentOf(one.parent) }))
      const leaf = scene.messages.findLast(({ id }) => !gone.has(id))?.id
      tree.splice(0, tree.length, ...left)
      show(leaf)
      host.tell({ type: 'stale' })
      return { undo }
    }
    case 'restore-messages': {
      const before = removed.get(request.body.undo)!
      tree.splice(0, tree.length, ...before.tree)
      show(before.leaf)
      host.tell({ type: 'stale' })
      return {}
    }
  }
  return undefined
}

function nodeOf({ id, parent, createdAt, state, message }: MessageView): TreeNode {
  const preview = textOf(message.content as never)
    .replace(/\s+/g, ' ')
    .slice(0, 80)
  const model =
    message.role === 'assistant' ? { provider: message.origin.provider, model: message.origin.model } : undefined
  return { id, parent, role: message.role, createdAt, state, preview, ...(model && { model }) }
}
