/** A page of MCP servers with one of each kind. */
import type { McpCard, McpPageView } from '../../../src/shared/protocol.ts'

const tool = (name: string, tokens: number, on = true): McpCard['tools'][number] => ({
  name,
  title: name,
  description: `What ${name} does.`,
  tokens,
  on,
})

const card = (name: string, state: McpCard['state'], more: Partial<McpCard> = {}): McpCard => ({
  name,
  place: 'User settings',
  definition: `npx -y server-${name}`,
  state,
  lastWords: [],
  tools: [],
  ...more,
})

export function mcpServers(): McpPageView {
  return {
    problems: ['.mcp.json is no JSON object, so none of its servers can be used. Correct it.'],
    servers: [
      card('memory', 'ready', {
        version: '1.2.3',
        instructions: 'Read the graph before you add to it.',
        tools: [tool('read_graph', 40), tool('add_node', 120, false)],
      }),
      card('slow', 'starting'),
      card('broken', 'failed', {
        problem: 'broken ended with exit code 1 before it was ready. It said last: no such module',
        lastWords: ['Error: no such module', '    at <anonymous>'],
        hasInputs: true,
      }),
      card('remote', 'sign-in', { definition: 'https://host.example/mcp', problem: 'remote wants a sign-in.' }),
      card('graph', 'waiting', { place: '.mcp.json', inFile: true }),
      card('other', 'refused', { place: '.vscode/mcp.json', inFile: true }),
      card('rest', 'stopped'),
      card('off', 'off'),
    ],
  }
}
