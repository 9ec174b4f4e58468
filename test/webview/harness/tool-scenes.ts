/** Turns with tools: calls that ask, run, are done and failed. */
import type { CallEnd } from '../../../src/shared/call-end.ts'
import type { Block, ToolResult } from '../../../src/shared/message.ts'
import type { GrantView, ToolChoices, ToolView } from '../../../src/shared/protocol.ts'
import type { ApprovalRequest } from '../../../src/shared/tool-state.ts'

export const call = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool-call',
  id,
  name,
  ranBy: 'host',
  json: JSON.stringify(input),
  input: input as never,
})

export const result = (callId: string, text: string, failed = false): ToolResult => ({
  type: 'tool-result',
  callId,
  name: 'tool',
  ranBy: 'host',
  output: [{ type: 'text', text }],
  ...(failed && { failed: true as const }),
})

/** As it is stored once a call is over. */
const ended = (callId: string, text: string, end: CallEnd): ToolResult => ({
  ...result(callId, text, end.why !== undefined),
  end,
})

/** What a chat that was opened again has of calls that ended in all ways there are. */
export const oldCalls = (): { calls: Block[]; results: ToolResult[] } => {
  const run = (id: string, command: string): Block => call(id, 'run_command', { command })
  const ran = (id: string, command: string, text: string, end: CallEnd): [Block, ToolResult] => [
    run(id, command),
    ended(id, text, { summary: `Run ${command}`, ...end }),
  ]
  const edits = [
    { path: 'src/ring.ts', old_text: 'a', new_text: 'b' },
    { path: 'src/size.ts', old_text: 'a', new_text: 'b' },
  ]
  const pairs: [Block, ToolResult][] = [
    ran('t1', 'npm test', 'all well', { durationMs: 4200 }),
    ran('t2', 'rm -rf dist', 'The person denied this call and said: Keep it.', { why: 'denied', said: 'Keep it.' }),
    ran('t3', 'npm start', 'Stopped by the person while this call ran.', { why: 'stopped', durationMs: 31_000 }),
    ran('t4', 'sleep 900', 'The call took longer than the 120 s it is allowed and was ended.', {
      why: 'timeout',
      durationMs: 120_000,
    }),
    ran('t5', 'make', 'This call was interrupted, and it is not known how far it came.', { why: 'interrupted' }),
    [
      call('t6', 'edit_file', { edits }),
      ended('t6', 'Edited src/ring.ts in 1 place.', {
        summary: 'Edit src/ring.ts and src/size.ts (2 edits)',
        durationMs: 80,
        rejected: ['src/size.ts'],
        said: 'It is generated.',
      }),
    ],
  ]
  return { calls: pairs.map(([block]) => block), results: pairs.map(([, one]) => one) }
}

const tool = (name: string, title: string, effect: ToolView['effect'], tokens: number): ToolView => ({
  name,
  title,
  description: `${title}, as the model is told.`,
  effect,
  tokens,
  on: true,
})

export const tools = (): ToolChoices => ({
  groups: [
    {
      label: 'Panelist',
      source: { kind: 'built-in' },
      tools: [
        tool('read_file', 'Read file', 'read', 210),
        tool('edit_file', 'Edit file', 'write', 420),
        tool('run_command', 'Run a command', 'run', 310),
        tool('fetch_url', 'Fetch a page', 'send', 180),
      ],
    },
    {
      label: 'GitHub',
      source: { kind: 'mcp', server: 'github', label: 'GitHub' },
      tools: Array.from({ length: 14 }, (_, at) => tool(`github_tool_${at}`, `Tool ${at} of the server`, 'send', 150)),
    },
  ],
})

export const grants = (): GrantView[] => [
  {
    id: 'g1',
    title: 'Fetch a page',
    sentence: 'Every address of https://example.org',
    grantedAt: Date.UTC(2026, 10, 20, 9),
    workspace: 'file:///home/me/my%20project',
    here: true,
    conversation: true,
  },
  {
    id: 'g2',
    title: 'Run a command',
    sentence: 'Exactly this command in /home/me/my project',
    exactly: 'npm test -- --grep "a ring"',
    grantedAt: Date.UTC(2026, 10, 19, 9),
    workspace: 'file:///home/me/other',
    here: false,
  },
]

const source = { kind: 'built-in' } as const

export const asks: Record<'command' | 'edits' | 'address' | 'arguments', ApprovalRequest> = {
  command: {
    callId: 't1',
    tool: { name: 'run_command', title: 'Run a command', source, effect: 'run' },
    summary: 'Run npm test -- --grep ring',
    preview: { kind: 'command', command: 'npm test -- --grep ring', cwd: '/home/me/my project' },
    warnings: [],
    offers: {
      conversation: 'Exactly this command in /home/me/my project',
      always: 'Exactly this command in /home/me/my project',
    },
  },
  edits: {
    callId: 't1',
    tool: { name: 'edit_file', title: 'Edit file', source, effect: 'write' },
    summary: 'Edit src/ring.ts and 1 more file',
    preview: {
      kind: 'edits',
      files: [
        {
          path: 'src/ring.ts',
          before: 'export class Ring {\n  items = []\n\n  push(item) {\n    this.items.push(item)\n  }\n}\n',
          after:
            'export class Ring {\n  items = []\n\n  push(item) {\n    if (this.full) this.items.shift()\n    this.items.push(item)\n  }\n}\n',
        },
        { path: 'test/a/folder/with/a/long/name/ring.test.ts', after: "import { Ring } from '../src/ring.ts'\n" },
      ],
    },
    warnings: ['`.vscode/tasks.json` is protected, because it decides what runs: it is asked for every time.'],
    offers: { conversation: 'Every file of the workspace that is not protected' },
    divisible: true,
  },
  address: {
    callId: 't1',
    tool: { name: 'fetch_url', title: 'Fetch a page', source, effect: 'send' },
    summary: 'Fetch https://example.org/docs/ring',
    preview: { kind: 'address', url: 'https://example.org/docs/ring?page=2' },
    warnings: [],
    offers: { conversation: 'Every address of https://example.org', always: 'Exactly this address' },
  },
  arguments: {
    callId: 't1',
    tool: {
      name: 'github_issue',
      title: 'Create issue',
      source: { kind: 'mcp', server: 'github', label: 'GitHub' },
      effect: 'send',
    },
    summary: 'Create issue in ring',
    preview: { kind: 'arguments' },
    warnings: [],
    offers: { conversation: 'Every call of Create issue in this conversation' },
  },
}
