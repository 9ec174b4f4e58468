import assert from 'node:assert/strict'
import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import type { StoredMessage } from '../../src/shared/conversation.ts'
import { conversationMarkdown, messageMarkdown } from '../../src/shared/markdown-export.ts'
import type { AssistantMessage, Block, Message } from '../../src/shared/message.ts'

let count = 0
function stored(message: Message, fields: Partial<StoredMessage> = {}): StoredMessage {
  const createdAt = new Date(2026, 10, 21, 17, 40).getTime()
  return { id: `m${++count}`, conversation: 'c', parent: null, createdAt, state: 'done', message, ...fields }
}
const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] })
const answer = (content: Block[], fields: Partial<AssistantMessage> = {}): AssistantMessage => ({
  role: 'assistant',
  content,
  origin: { provider: 'anthropic', dialect: 'anthropic', model: 'claude-opus' },
  stop: { kind: 'done' },
  usage: { input: 1_000, output: 200, cacheRead: 500, cacheWrite: 0 },
  ...fields,
})
const call: Block = {
  type: 'tool-call',
  id: 'c1',
  name: 'read_file',
  ranBy: 'host',
  json: '{"path":"a.ts"}',
  input: {},
}
const result = {
  type: 'tool-result',
  callId: 'c1',
  name: 'read_file',
  ranBy: 'host',
  output: [{ type: 'text', text: 'three ``` ticks' }],
} as const

describe('a conversation as Markdown', () => {
  it('has a heading for each question and answer, with the time, tokens and cost of the answer', () => {
    const branch = [
      stored(user('What is it?')),
      stored(answer([{ type: 'text', text: 'It is **this**.' }]), {
        cost: 0.0123,
        timing: { startedAt: 1, durationMs: 4200 },
      }),
    ]
    assert.equal(
      conversationMarkdown('A title\nof two lines', branch),
      [
        '# A title of two lines',
        '## You',
        'What is it?',
        '## claude-opus',
        '*anthropic · 2026-11-21 17:40 · 4.2 s · 1,500 tokens in · 200 out · $0.0123*',
        'It is **this**.\n',
      ].join('\n\n'),
    )
  })

  it('folds the calls of tools with their results, and makes one answer of the steps of a turn', () => {
    const branch = [
      stored(user('Read it')),
      stored(answer([call], { stop: { kind: 'tools' } }), { cost: 0.5 }),
      stored({ role: 'tool', content: [{ ...result, output: [...result.output] }] }),
      stored(answer([{ type: 'text', text: 'Done.' }]), { cost: 0.25 }),
    ]
    const markdown = conversationMarkdown('Title', branch)
    assert.equal(markdown.match(/^## /gm)?.length, 2)
    assert.ok(markdown.includes('3,000 tokens in · 400 out · $0.7500'))
    assert.ok(
      markdown.includes(
        '<details>\n<summary>read_file</summary>\n\n```json\n{"path":"a.ts"}\n```\n\n````\nthree ``` ticks\n````\n\n</details>',
      ),
    )
  })

  it('joins an answer and what goes on from it without a seam', () => {
    const branch = [
      stored(user('Count')),
      stored(answer([{ type: 'text', text: 'One, two, th' }], { stop: { kind: 'aborted' } }), { cost: 0.5 }),
      stored(answer([{ type: 'text', text: 'ree, four.' }], { goesOn: 'prefilled' }), { cost: 0.5 }),
    ]
    const markdown = conversationMarkdown('Title', branch)
    assert.ok(markdown.endsWith('· $1.00*\n\nOne, two, three, four.\n'), markdown)
  })

  it('names attachments and holds none of their bytes', () => {
    const file: Block = { type: 'file', name: 'a `b`.png', media: { mediaType: 'image/png', data: 'SECRETBYTES' } }
    assert.equal(messageMarkdown(stored({ role: 'user', content: [file] })), '📎 ``a `b`.png`` (image/png)')
    const unnamed: Block = { type: 'file', media: { mediaType: 'image/png', url: 'data:image/png;base64,SECRET' } }
    assert.equal(messageMarkdown(stored({ role: 'user', content: [unnamed] })), '📎 `image/png`')
  })

  it('says where an answer is not what was asked for', () => {
    const failure = { code: 'network', message: 'The connection was lost.' } as const
    const failed = answer([{ type: 'text', text: 'Half' }], { stop: { kind: 'failed', failure } })
    assert.equal(messageMarkdown(stored(failed)), 'Half\n\n> The connection was lost.')
  })

  it('lets nothing of a message swallow what comes after it', () => {
    const markdown = new MarkdownIt()
    const piece = fc.constantFrom('```', '~~~~', '```ts', ' `', '\n', '\n\n', 'word', '    ', '> ', '</details>', '- ')
    fc.assert(
      fc.property(fc.array(piece), fc.boolean(), (pieces, thinking) => {
        const text = pieces.join('')
        const block: Block = thinking ? { type: 'thinking', text } : { type: 'text', text }
        const rendered = conversationMarkdown('T', [stored(answer([block])), stored(user('next'))])
        const last = markdown.parse(rendered, {}).filter(({ type, level }) => type === 'heading_open' && level === 0)
        assert.equal(last.at(-1)?.tag, 'h2', rendered)
        assert.ok(rendered.endsWith('## You\n\nnext\n'))
        if (thinking && text.trim()) assert.equal(rendered.match(/<\/details>/g)?.length, 1)
        const headings = last.filter(({ tag }) => tag === 'h2').length
        assert.ok(headings >= 2, rendered)
      }),
    )
  })
})
