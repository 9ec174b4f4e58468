/** The pages of providers and of MCP servers, and the log. */
import type { Handlers } from './handler.ts'

export const pageHandlers: Pick<
  Handlers,
  | 'providers'
  | 'test-provider'
  | 'provider-action'
  | 'add-provider'
  | 'mcp-servers'
  | 'mcp-action'
  | 'switch-mcp-tool'
  | 'add-mcp-server'
  | 'log'
  | 'log-close'
> = {
  async providers(session) {
    const { providers, usage } = session.services
    const { health } = usage.experience()
    return (await providers.cards()).map((card) => ({ ...card, ...(health[card.id] && { health: health[card.id]! }) }))
  },

  async 'test-provider'(session, { provider }) {
    const test = await session.services.providers.test(provider)
    return test ? { test } : {}
  },

  async 'provider-action'(session, { action, provider, profile }) {
    await session.services.providers.act(action, provider, profile)
    return {}
  },

  async 'add-provider'(session) {
    const provider = await session.services.providers.add()
    return provider === undefined ? {} : { provider }
  },

  async 'mcp-servers'(session) {
    return session.services.mcp.view()
  },

  async 'mcp-action'(session, { action, server }) {
    await session.services.mcp.act(action, server)
    return {}
  },

  async 'switch-mcp-tool'(session, { server, tool, on }) {
    await session.services.mcp.switchTool(server, tool, on)
    return {}
  },

  async 'add-mcp-server'(session) {
    const server = await session.services.mcp.add()
    return server === undefined ? {} : { server }
  },

  async log(session, { after }) {
    return session.logFeed.open(after)
  },

  async 'log-close'(session) {
    session.logFeed.close()
    return {}
  },
}
