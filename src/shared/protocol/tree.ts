/** The tree of a conversation: which branch is shown, what stands beside it, and what is taken out of it. */
import type { MessageId, TreeNode } from '../conversation.ts'
import type { Snapshot } from './conversation.ts'
import type { Empty } from './empty.ts'
import type { ModelRef } from './models.ts'

/** In the order they were written. `leaf`: the end of the shown branch. */
export type TreeView = { nodes: TreeNode[]; leaf?: MessageId }

/** What was looked for stands `count` times in what is shown of this message. */
export type FoundIn = { message: MessageId; count: number }

export type TreeRequests = {
  /** Shows the branch of this message, down to its newest end. The page of the snapshot reaches up to the message. */
  walk: [{ message: MessageId }, Snapshot]
  /** The chat goes on from this message: what follows it is no longer shown, and is still there. */
  branch: [{ message: MessageId }, Snapshot]
  tree: [Empty, TreeView]
  /** The same question once more, answered by this model alone: the conversation keeps its own. */
  'retry-with': [{ message: MessageId; model: ModelRef }, Empty]
  /**
   * `message`: these alone, and what follows them stays. `branch`: each with everything below it. `undo` takes it back.
   */
  'remove-messages': [{ messages: MessageId[]; what: 'message' | 'branch' }, { undo: string }]
  /** Also shows what was shown before, unless the person has gone elsewhere since. */
  'restore-messages': [{ undo: string }, Empty]
  /** In the shown branch, in its order. */
  'find-text': [{ text: string; matchCase: boolean }, FoundIn[]]
  /** Puts messages of the shown branch on the clipboard as Markdown; without any, all of it. */
  'copy-markdown': [{ messages?: MessageId[] }, Empty]
}
