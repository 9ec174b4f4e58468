/** What of the panel the stores need that come with their views: the panel knows them, so they do not know it. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { ProviderId } from '../../src/shared/model.ts'
import type { RequestBody, RequestName, ResponseBody } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import type { Announcer } from './announcer.svelte.ts'
import type { ComposerStore } from './composer.svelte.ts'
import type { ConversationStore } from './conversation.svelte.ts'
import type { ModelStore } from './models.svelte.ts'

/** What lies over the panel. Only one at a time. */
export type Overlay =
  | 'none'
  | 'models'
  | 'options'
  | 'providers'
  | 'history'
  | 'more'
  | 'tools'
  | 'allowed'
  | 'mcp'
  | 'log'
  | 'benchmark'
  | 'context'
  | 'agents'
  | 'instructions'

/**
 * A call gets the focus. A message stands `top` pixels below the top of the transcript, and what the selector `focus` finds
 * in it gets the focus.
 */
export type Sought = { call: string } | { message: MessageId; top?: number; focus?: string }

export type PanelDoor = {
  readonly bridge: Bridge
  readonly conversation: ConversationStore
  readonly composer: ComposerStore
  readonly models: ModelStore
  readonly announcer: Announcer
  overlay: Overlay
  sought: Sought | undefined
  retry(message: MessageId): Promise<void>
  namesOf(provider: ProviderId, model: string): { provider: string; model: string; known: boolean }
  /** The answer, or undefined where the host could not do it, which is said then. */
  try<Name extends RequestName>(name: Name, body: RequestBody<Name>): Promise<ResponseBody<Name> | undefined>
  /** False where no snapshot came. */
  show<Name extends 'walk' | 'branch'>(name: Name, body: RequestBody<Name>): Promise<boolean>
}
