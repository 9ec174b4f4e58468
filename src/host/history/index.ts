/** What a window does about the list of conversations: names new ones, and sees what other windows write. */
import type { ConversationId } from '../../shared/conversation.ts'
import type { Panels } from '../panels.ts'
import { StoreWatch } from './store-watch.ts'
import type { TitleParts } from './titles.ts'
import { Titles } from './titles.ts'

export type HistoryParts = Omit<TitleParts, 'changed'> & {
  panels: () => Pick<Panels, 'chatsChanged' | 'lookAgain'>
  /** A conversation is called something else. */
  renamed(conversation: ConversationId): void
}

export class WindowHistory {
  readonly #parts: HistoryParts
  readonly #titles: Titles
  readonly #watch: StoreWatch

  constructor(parts: HistoryParts) {
    this.#parts = parts
    const renamed = (conversation: ConversationId): void => {
      parts.renamed(conversation)
      this.changed()
    }
    this.#titles = new Titles({ ...parts, changed: renamed })
    this.#watch = new StoreWatch(parts.store, () => {
      parts.panels().lookAgain()
      this.changed()
    })
  }

  /** The list is another one now. */
  changed(): void {
    this.#parts.panels().chatsChanged()
  }

  /** A turn of this conversation is over. */
  ended(conversation: ConversationId): void {
    this.changed()
    void this.#titles.write(conversation)
  }

  /** Looks for what other windows write while a person can see a panel. */
  see(anyVisible: boolean): void {
    if (anyVisible) this.#watch.start()
    else this.#watch.stop()
  }

  dispose(): void {
    this.#watch.stop()
    this.#titles.dispose()
  }
}
