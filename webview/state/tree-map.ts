/**
 * The tree of a conversation as rows: the shown branch runs straight down, what stands beside a message of it is told
 * before it, folded. Within what is folded the newest branch runs straight down.
 */
import type { TreeNode } from '../../src/shared/conversation.ts'

export type MapRow = {
  node: TreeNode
  /** How many forks it is away from the shown branch. */
  level: number
  /** It is on the shown branch. */
  shown: boolean
  /** Of a branch that can be unfolded: messages in it, itself among them. */
  branch?: { messages: number; open: boolean }
}

/** `nodes`: in the order they were written; results of tools are no rows. `open`: the first messages of unfolded branches. */
export function mapRows(nodes: readonly TreeNode[], leaf: string | undefined, open: ReadonlySet<string>): MapRow[] {
  const tree = treeOf(nodes)
  const shown = tree.pathTo(leaf)
  const rows: MapRow[] = []
  /** Siblings, one of which runs on at their level. */
  const walk = (start: readonly TreeNode[], level: number): void => {
    for (let siblings = start; siblings.length > 0;) {
      const trunk = siblings.find(({ id }) => shown.has(id)) ?? siblings.at(-1)!
      for (const beside of siblings) if (beside !== trunk) fork(beside, level + 1)
      rows.push({ node: trunk, level, shown: shown.has(trunk.id) })
      siblings = tree.below(trunk.id)
    }
  }
  const fork = (first: TreeNode, level: number): void => {
    const branch = { messages: tree.count(first.id), open: open.has(first.id) }
    rows.push({ node: first, level, shown: false, branch })
    if (branch.open) walk(tree.below(first.id), level)
  }
  walk(tree.below(null), 0)
  return rows
}

function treeOf(nodes: readonly TreeNode[]) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const children = new Map<string | null, TreeNode[]>()
  /** The nearest message above that is a row. */
  const above = (node: TreeNode): string | null => {
    let parent = node.parent === null ? undefined : byId.get(node.parent)
    while (parent?.role === 'tool') parent = parent.parent === null ? undefined : byId.get(parent.parent)
    return parent?.id ?? null
  }
  for (const node of nodes) {
    if (node.role === 'tool') continue
    const parent = above(node)
    const siblings = children.get(parent)
    if (siblings) siblings.push(node)
    else children.set(parent, [node])
  }
  const below = (id: string | null): readonly TreeNode[] => children.get(id) ?? []
  return {
    below,
    pathTo(leaf: string | undefined): Set<string> {
      const path = new Set<string>()
      for (let node = leaf === undefined ? undefined : byId.get(leaf); node && !path.has(node.id);) {
        path.add(node.id)
        node = node.parent === null ? undefined : byId.get(node.parent)
      }
      return path
    },
    count(first: string): number {
      let messages = 0
      const waiting = [first]
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        messages++
        for (const child of below(id)) waiting.push(child.id)
      }
      return messages
    },
  }
}
