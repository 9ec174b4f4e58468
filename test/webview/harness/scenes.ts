/** What the panel can be shown in a page: one scene a situation. */
import { lastWords } from '../../../src/shared/join.ts'
import type { Failure } from '../../../src/shared/failure.ts'
import type { AssistantMessage, Block } from '../../../src/shared/message.ts'
import type { Chosen } from '../../../src/shared/protocol.ts'
import type { MessageView } from '../../../src/shared/view.ts'
import { stored, type Scene } from './fake-host.ts'
import { branchOf } from './fake-tree.ts'
import { agents, instructions } from './agent-scenes.ts'
import { cut, summary } from './fit-scenes.ts'
import { catalogueGroups, groups, keylessGroups, manyGroups } from './model-groups.ts'
import { ANSWER, HOSTILE, SHORT } from './texts.ts'
import { asks, call, grants, oldCalls, result, tools } from './tool-scenes.ts'

const chosen: Chosen = {
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  origin: 'user',
  providerLabel: 'Anthropic',
  key: 'set',
  info: groups[0]!.models[0]!,
}

const history = [
  'Ring buffers in TypeScript',
  'Why does the flush stall?',
  'SQL for weekly active users',
  'Release notes',
].map((title, at) => ({
  id: `h${at}`,
  title,
  createdAt: 0,
  updatedAt: Date.now() - at * 20 * 3600_000,
  messages: 4 + at,
  models: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }],
}))

export function ask(id: string, text: string, parent: string | null = null): MessageView {
  return stored(id, { role: 'user', content: [{ type: 'text', text }] }, 'done', parent)
}

export function answer(id: string, content: Block[], more: Partial<AssistantMessage> = {}): MessageView {
  const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-sonnet-4-5' }
  const usage = { input: 1234, output: 567, cacheRead: 8900, cacheWrite: 0 }
  const message: AssistantMessage = { role: 'assistant', content, origin, stop: { kind: 'done' }, usage, ...more }
  const view = stored(
    id,
    message as MessageView['message'],
    ['done', 'tools'].includes(message.stop.kind) ? 'done' : 'interrupted',
  )
  return { ...view, timing: { startedAt: view.createdAt, firstTokenMs: 640, durationMs: 7400 }, cost: 0.0123 }
}

const text = (value: string): Block => ({ type: 'text', text: value })
const base = { title: 'Ring buffers in TypeScript', groups, history, chosen }

function turns(count: number): MessageView[] {
  const messages: MessageView[] = []
  for (let turn = 1; turn <= count; turn++) {
    messages.push(
      ask(`u${turn}`, `Question ${turn}: what happens when the buffer is full?`, turn === 1 ? null : `a${turn - 1}`),
    )
    messages.push(answer(`a${turn}`, [text(`Answer ${turn}. ${SHORT}`)]))
  }
  return messages
}

const failure: Failure = {
  code: 'rate-limit',
  message: 'Anthropic is limiting how often you can ask. Wait a moment, then try again, or choose another model.',
  status: 429,
  retryAfterMs: 3_600_000,
  requestId: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  detail: 'rate_limit_error: This request would exceed your rate limit of 40,000 input tokens per minute.',
}

const toolCall: Block = {
  type: 'tool-call',
  id: 't1',
  name: 'read_file',
  ranBy: 'host',
  json: '{"path": "src/ring.ts", "lines": [1, 80]}',
  input: { path: 'src/ring.ts', lines: [1, 80] },
}
const toolResult: Block = {
  type: 'tool-result',
  callId: 't1',
  name: 'read_file',
  ranBy: 'host',
  output: [{ type: 'text', text: 'export class Ring<T> {\n  #items: T[] = []\n}' }],
}

/** Two questions, each asked and answered in several ways; shown is the last of each. */
function branched(): Scene {
  const goneOn = (id: string, parent: string, value: string): MessageView => ({ ...answer(id, [text(value)]), parent })
  const tree = [
    ask('u1', 'How do I drop the oldest item?'),
    goneOn('a1', 'u1', 'Keep a **head index** and move it on.'),
    goneOn('a1b', 'u1', `Use a linked list. ${SHORT}`),
    ask('u2', 'And what of threads?', 'a1b'),
    goneOn('a2', 'u2', `Take a lock. ${SHORT}`),
    ask('u2b', 'And what of workers?', 'a1b'),
    goneOn('a2b', 'u2b', `Share the buffer. ${SHORT}`),
    goneOn('a2c', 'u2b', `Send messages. ${SHORT}`),
    ask('u3', 'Show the code.', 'a2c'),
    goneOn('a3', 'u3', SHORT),
  ]
  return { ...base, tree, messages: branchOf(tree, 'a3') }
}

/** An answer that was cut off in its code, and goes on from there. */
function continued(): Scene {
  const first = 'Here it is:\n\n```ts\nexport class Ring {\n  #items: string[] = []\n  pu'
  const second = `${lastWords(first)}sh(item: string): void {}\n}\n\`\`\`\n\nThat is **all**.`
  return {
    ...base,
    messages: [
      ask('u1', 'Show me a ring buffer.'),
      answer('a1', [text(first)], { stop: { kind: 'aborted' } }),
      answer('a2', [text(second)], { goesOn: 'asked' }),
    ],
  }
}

export const scenes = {
  branched,
  continued,
  empty: (): Scene => ({ ...base, title: '', messages: [] }),
  noKey: (): Scene => ({ title: '', messages: [], needsKey: true, groups: keylessGroups, history: [] }),
  rich: (): Scene => ({
    ...base,
    messages: [
      ask('u1', 'How do I write a ring buffer that drops the oldest item? Show me code and a comparison.'),
      answer('a1', [{ type: 'thinking', text: 'The person wants **code**. Keep it short.' }, text(ANSWER)]),
      ask('u2', 'Now read my file and check it.', 'a1'),
      answer('a2', [text('Let me look at the file.'), toolCall], { stop: { kind: 'tools' } }),
      stored('r2', { role: 'tool', content: [toolResult as never] }),
      answer('a3', [text('It is empty so far. Start with `push` and a test for the full buffer.')]),
    ],
  }),
  streaming: (): Scene => ({ ...base, messages: [ask('u1', 'Tell me about ring buffers.')] }),
  /** Another model answered than the one that was chosen. */
  stoodIn: (): Scene => {
    const one = answer('a1', [text('Here I am.')])
    const instead = 'Claude Sonnet 4.5 was overloaded and GPT-5 did not answer in time; answered by Gemini 2.5 Pro.'
    const timing = { startedAt: one.createdAt, ...one.timing, instead }
    return { ...base, messages: [ask('u1', 'Is anybody there?'), { ...one, timing }] }
  },
  failed: (): Scene => ({
    ...base,
    notices: [
      { id: 'n1', level: 'warning', text: 'Keys are kept in memory only and are lost when the window closes.' },
    ],
    messages: [
      ask('u1', 'Summarise the release notes.'),
      answer('a1', [text('The release brings three things:\n\n1. **Faster start**, because')], {
        stop: {
          kind: 'failed',
          failure: {
            code: 'network',
            message:
              'The connection dropped while the answer was being written. Check the network, then continue or try again.',
            detail: 'terminated: other side closed',
          },
        },
      }),
      ask('u2', 'Once more, please.', 'a1'),
      answer('a2', [], { stop: { kind: 'failed', failure } }),
    ],
  }),
  interrupted: (): Scene => ({
    ...base,
    messages: [
      ask('u1', 'Write a long story.'),
      answer('a1', [text('Once upon a time there was a buffer that')], { stop: { kind: 'aborted' } }),
    ],
  }),
  blind: (): Scene => ({
    ...scenes.images(),
    chosen: { ...chosen, info: { ...chosen.info!, name: 'Small Model', images: false } },
  }),
  documents: (): Scene => ({
    ...base,
    messages: [
      stored('u1', {
        role: 'user',
        content: [
          {
            type: 'file',
            name: 'Annual report of the ring buffer committee, 2026.pdf',
            size: 2_400_000,
            media: { mediaType: 'application/pdf', blob: 'aa' },
          },
          { type: 'text', text: 'Sum it up.' },
        ],
      }),
      answer('a1', [text('The committee met once.')]),
    ],
  }),
  images: (): Scene => ({
    ...base,
    messages: [
      stored('u1', {
        role: 'user',
        content: [
          { type: 'file', name: 'shot.png', media: { mediaType: 'image/png', data: 'iVBORw==' } },
          { type: 'text', text: 'What is this?' },
        ],
      }),
      answer('a1', [text('The first bytes of a picture.')]),
    ],
  }),
  long: (): Scene => ({ ...base, messages: turns(250) }),
  cut: (): Scene => ({ ...base, messages: cut(turns(3), { left: 6, from: 'u3' }) }),
  summarised: (): Scene => ({ ...base, summary, messages: cut(turns(3), { left: 0, from: 'u3', summary: 's1' }) }),
  huge: (): Scene => ({ ...base, messages: turns(1000) }),
  wholePage: (): Scene => ({ ...base, messages: turns(1000), pageSize: 5000 }),
  turns200: (): Scene => ({ ...base, messages: turns(200), pageSize: 5000 }),
  hostile: (): Scene => ({ ...base, messages: [ask('u1', HOSTILE), answer('a1', [text(HOSTILE)])] }),
  catalogue: (): Scene => ({
    ...base,
    messages: [],
    groups: catalogueGroups(),
    favourites: [
      { provider: 'anthropic', model: 'claude-opus-4-1' },
      { provider: 'google', model: 'gemini-3-pro' },
    ],
    recent: [
      { provider: 'anthropic', model: 'claude-sonnet-4-5' },
      { provider: 'anthropic', model: 'claude-opus-4-1' },
      { provider: 'openai', model: 'gpt-gone' },
    ],
    chosen: {
      ...chosen,
      info: catalogueGroups()[0]!.models[0]!,
      keyProfile: 'default',
      outputLimit: 64_000,
    },
  }),
  /** The chosen model lacks much, and what was chosen for another is more than it can. */
  lacking: (): Scene => ({
    ...base,
    messages: [],
    groups: catalogueGroups(),
    chosen: {
      provider: 'anthropic',
      model: 'claude-haiku-3',
      origin: 'conversation',
      providerLabel: 'Anthropic',
      key: 'set',
      keyProfile: 'work',
      keyChosen: true,
      info: { ...catalogueGroups()[0]!.models[2]!, images: false, tools: false, maxOutputTokens: 4096 },
      maxOutputTokens: 32_000,
      outputLimit: 4096,
    },
  }),
  asksCommand: () => asking('command', { command: 'npm test -- --grep ring' }),
  asksEdits: () => asking('edits', { path: 'src/ring.ts' }),
  asksAddress: () => asking('address', { url: 'https://example.org/docs/ring?page=2' }),
  asksArguments: () => asking('arguments', { repository: 'ring', title: 'It drops \u202enothing', labels: ['bug'] }),
  /** An answer under way, to which a test adds calls. */
  agents: (): Scene => ({
    ...base,
    chosen: { ...chosen },
    agents: agents(),
    instructions: instructions(),
    tools: tools(),
    messages: [
      ask('u1', 'Review the last change.'),
      {
        ...answer('a1', [text('It is fine.')]),
        guidance: {
          agent: { id: 'workspace:reviewer', name: 'Strict Reviewer' },
          instructions: [{ path: 'AGENTS.md', uri: 'file:///project/AGENTS.md', tokens: 12 }],
        },
      },
    ],
  }),
  tools: (): Scene => ({ ...base, tools: tools(), grants: grants(), messages: [ask('u1', 'Look after my files.')] }),
  /** A whole turn of three steps, of which one has no price, with a call that failed. */
  turn: (): Scene => ({
    ...base,
    tools: tools(),
    messages: [
      ask('u1', 'Read both files.'),
      answer(
        'a1',
        [text('Both at once.'), call('t1', 'read_file', { path: 'a.ts' }), call('t2', 'read_file', { path: 'b.ts' })],
        { stop: { kind: 'tools' } },
      ),
      stored('r1', {
        role: 'tool',
        content: [
          result('t1', 'See https://example.org/a.'),
          result('t2', 'b.ts is not there. Find it first.', true),
        ] as never[],
      }),
      (({ cost: _, ...step }) => step)(
        answer('a2', [call('t3', 'run_command', { command: 'ls' })], { stop: { kind: 'tools' } }),
      ),
      stored('r2', { role: 'tool', content: [result('t3', 'a.ts') as never] }),
      answer('a3', [text('There is only `a.ts`.')]),
    ],
  }),
  /** Opened again: what is known of its calls is what was stored. */
  old: (): Scene => ({
    ...base,
    tools: tools(),
    messages: [
      ask('u1', 'Look after my files.'),
      answer('a1', oldCalls().calls, { stop: { kind: 'tools' } }),
      stored('r1', { role: 'tool', content: oldCalls().results as never[] }),
      answer('a2', [text('That is all.')]),
    ],
  }),
  /** The host was killed while tools ran. */
  killed: (): Scene => ({
    ...base,
    messages: [
      ask('u1', 'Run it.'),
      answer('a1', [call('t1', 'run_command', { command: 'sleep 9' })], { stop: { kind: 'tools' } }),
      stored('r1', { role: 'tool', content: [result('t1', 'This call was interrupted.', true) as never] }),
    ],
  }),
  /** Two models answer the same message: one is done, the other writes. */
  compared: (): Scene => {
    const other = answer('lane2', [text('A ring buffer is a fixed array')], {
      origin: { provider: 'openai', dialect: 'openai-responses', model: 'gpt-5' },
    })
    const { timing: _timing, cost: _cost, ...streaming } = { ...other, state: 'streaming' as const }
    const lanes = [
      { id: 'lane1', messages: [answer('lane1', [text(SHORT)])] },
      { id: 'lane2', running: true as const, messages: [streaming] },
    ]
    return {
      ...base,
      messages: [ask('u1', 'Which is better?')],
      running: 'lane2',
      comparison: { question: 'u1', lanes },
    }
  },
  manyModels: (): Scene => ({ ...base, messages: [], groups: manyGroups() }),
}

/** A turn whose last answer has this call, which asks. */
const asking = (kind: keyof typeof asks, input: Record<string, unknown>): Scene => ({
  ...base,
  tools: tools(),
  grants: grants(),
  running: 'a2',
  messages: [
    ask('u1', 'Make the ring drop its oldest item.'),
    answer('a1', [text('I read the file first.'), call('t0', 'read_file', { path: 'src/ring.ts' })], {
      stop: { kind: 'tools' },
    }),
    stored('r1', { role: 'tool', content: [result('t0', 'export class Ring {}') as never] }),
    answer('a2', [text('Now the change.'), call('t1', asks[kind].tool.name, input)], { stop: { kind: 'tools' } }),
    stored('r2', { role: 'tool', content: [result('t1', 'This call was interrupted.', true) as never] }),
  ],
  turn: {
    message: 'a2',
    calls: [{ callId: 't1', state: { kind: 'asking', request: asks[kind] }, output: '' }],
    totals: { steps: 2, usage: { input: 2468, output: 1134, cacheRead: 17_800, cacheWrite: 0 }, cost: 0.0246 },
  },
})

export type SceneName = keyof typeof scenes
