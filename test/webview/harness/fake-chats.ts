/** The list of conversations as the host keeps it: found by title and by what was said, a page at a time. */
import type { ConversationId, ConversationSummary } from '../../../src/shared/conversation.ts'
import type { HistoryFacets, HistoryFilters, HistoryPage } from '../../../src/shared/protocol.ts'

export class FakeChats {
  all: ConversationSummary[]
  /** What is in the messages, by the conversation. */
  texts: Record<ConversationId, string> = {}
  facets: HistoryFacets
  #deleted: ConversationSummary[] = []

  constructor(all: ConversationSummary[]) {
    this.all = all
    const models = all.flatMap((one) => one.models)
    this.facets = {
      workspaces: [...new Set(all.flatMap(({ workspace }) => workspace ?? []))],
      models: models.filter((one, at) => models.findIndex(({ model }) => model === one.model) === at),
      agents: [...new Set(all.flatMap(({ agent }) => agent ?? []))],
      here: 'file:///code/rings',
    }
  }

  page({ offset = 0, limit = 100, ...filters }: HistoryFilters & { offset?: number; limit?: number }): HistoryPage {
    const found = this.all
      .filter((one) => this.#matches(one, filters))
      .map((one) => this.#withSnippet(one, filters.search))
      .toSorted((one, other) => Number(other.pinned ?? 0) - Number(one.pinned ?? 0) || other.updatedAt - one.updatedAt)
    return { conversations: found.slice(offset, offset + limit), more: found.length > offset + limit }
  }

  change(ids: readonly ConversationId[], fields: { title?: string; pinned?: boolean; archived?: boolean }): object {
    this.all = this.all.map((one) => {
      if (!ids.includes(one.id)) return one
      const { pinned, archived, ...rest } = { ...one, ...fields }
      return { ...rest, ...(pinned && { pinned: true as const }), ...(archived && { archived: true as const }) }
    })
    return {}
  }

  delete(ids: readonly ConversationId[]): object {
    this.#deleted.push(...this.all.filter(({ id }) => ids.includes(id)))
    this.all = this.all.filter(({ id }) => !ids.includes(id))
    return {}
  }

  restore(ids: readonly ConversationId[]): object {
    this.all.push(...this.#deleted.filter(({ id }) => ids.includes(id)))
    this.#deleted = this.#deleted.filter(({ id }) => !ids.includes(id))
    return {}
  }

  #matches(one: ConversationSummary, filters: HistoryFilters): boolean {
    const { search = '', workspace, provider, model, agent, since, archived } = filters
    const text = `${one.title} ${this.texts[one.id] ?? ''}`.toLowerCase()
    const answered = one.models.some(
      (by) => (provider === undefined || by.provider === provider) && (model === undefined || by.model === model),
    )
    return (
      search
        .toLowerCase()
        .split(' ')
        .every((word) => text.includes(word)) &&
      (workspace === undefined || one.workspace === workspace) &&
      (agent === undefined || one.agent === agent) &&
      (since === undefined || one.updatedAt >= since) &&
      Boolean(one.archived) === Boolean(archived) &&
      answered
    )
  }

  #withSnippet(one: ConversationSummary, search: string | undefined): ConversationSummary {
    const text = this.texts[one.id]
    const from = search ? (text?.toLowerCase().indexOf(search.toLowerCase()) ?? -1) : -1
    if (text === undefined || from < 0) return one
    return { ...one, found: { message: 'm', role: 'user', text, marks: [[from, from + search!.length]] } }
  }
}
