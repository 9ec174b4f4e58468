/** Which rooms of src/ each room may import. The map of ARCHITECTURE.md; architecture.test.ts and ESLint read it. */
export const layers: Record<string, string[]> = {
  shared: [],
  llm: ['shared'],
  tools: ['shared'],
  store: ['shared'],
  usage: ['shared'],
  resilience: ['shared', 'llm', 'usage'],
  mcp: ['shared', 'tools'],
  agent: ['shared', 'llm', 'resilience', 'tools', 'usage'],
  host: ['shared', 'llm', 'resilience', 'tools', 'mcp', 'agent', 'usage', 'store'],
  webview: ['shared'],
}
