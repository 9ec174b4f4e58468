/** The list of conversations, as far as it was asked for. */
import type { ConversationId, ConversationSummary } from '../../src/shared/conversation.ts'
import type { Bridge } from '../bridge.ts'

export class HistoryStore {
  conversations: ConversationSummary[] | undefined = $state.raw()
  problem: string | undefined = $state()
  readonly #bridge: Bridge
  #latest = 0

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  /** Of several searches under way only the last one counts. */
  async load(search = ''): Promise<void> {
    const ask = ++this.#latest
    try {
      const conversations = await this.#bridge.ask('history', search ? { search } : {})
      if (ask === this.#latest) this.conversations = conversations
      this.problem = undefined
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  async rename(conversation: ConversationId, title: string): Promise<void> {
    await this.#bridge.ask('rename', { conversation, title })
    this.conversations = this.conversations?.map((one) => (one.id === conversation ? { ...one, title } : one))
  }

  async delete(conversation: ConversationId): Promise<void> {
    await this.#bridge.ask('delete', { conversation })
    this.conversations = this.conversations?.filter(({ id }) => id !== conversation)
  }
}
