/** A conversation with everything that an export shows. */
import type { StoredMessage } from '../../../src/shared/conversation.ts'
import type { AssistantMessage, Block, Message, Part } from '../../../src/shared/message.ts'

/** A red square. */
export const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC',
  'base64',
)

let count = 0
function stored(message: Message, fields: Partial<StoredMessage> = {}): StoredMessage {
  const createdAt = new Date(2026, 10, 21, 17, 40).getTime() + count * 61_000
  return { id: `m${++count}`, conversation: 'c', parent: null, createdAt, state: 'done', message, ...fields }
}

function answer(content: Block[], fields: Partial<AssistantMessage> = {}): AssistantMessage {
  const origin = { provider: 'anthropic', dialect: 'anthropic', model: 'claude-opus' }
  const usage = { input: 1_000, output: 200, cacheRead: 500, cacheWrite: 0 }
  return { role: 'assistant', content, origin, stop: { kind: 'done' }, usage, ...fields }
}

export function say(role: 'user' | 'assistant', text: string, more: Block[] = []): StoredMessage {
  const content: Block[] = [{ type: 'text', text }, ...more]
  return stored(role === 'user' ? { role, content: content as Part[] } : answer(content))
}

const EXPLAINED = `Rust's \`sort\` is a **stable** merge sort. Two ways to sort backwards:

1. \`sort_by\` with the operands swapped
2. \`sort_unstable_by_key\` with \`Reverse\`, which is faster where equal items need not keep their order

\`\`\`rust
use std::cmp::Reverse;

/// Sorts from the largest to the smallest.
fn backwards(list: &mut Vec<u32>) {
    list.sort_unstable_by_key(|&item| Reverse(item)); // not stable
    println!("{:?}, {} items", list, list.len());
}
\`\`\`

| Way | Stable | Time for a million |
|---|:-:|--:|
| \`sort_by\` | yes | 48 ms |
| \`sort_unstable_by_key\` | no | 21 ms |

> Sorting a list that is nearly sorted is faster still.

See [the documentation](https://doc.rust-lang.org/std/primitive.slice.html) for the details.`

export function branch(): StoredMessage[] {
  count = 0
  const picture: Part = { type: 'file', name: 'list.png', media: { mediaType: 'image/png', blob: 'hash' } }
  const pdf: Part = { type: 'file', name: 'report.pdf', media: { mediaType: 'application/pdf', blob: 'other' } }
  const call: Block = {
    type: 'tool-call',
    id: 'c1',
    name: 'read_file',
    ranBy: 'host',
    json: '{"path":"src/sort.rs","lines":40}',
    input: { path: 'src/sort.rs', lines: 40 },
  }
  const output: Part[] = [{ type: 'text', text: 'fn main() {\n    let mut list = vec![3, 1, 2];\n}' }]
  const thinking: Block = { type: 'thinking', text: 'They want it **backwards**, so a comparison the other way round.' }
  return [
    stored({
      role: 'user',
      content: [picture, pdf, { type: 'text', text: 'How do I sort this?\nBackwards, please.' }],
    }),
    stored(answer([{ type: 'text', text: EXPLAINED }]), { cost: 0.0123, timing: { startedAt: 1, durationMs: 4200 } }),
    stored({ role: 'user', content: [{ type: 'text', text: 'Is it used in my project?' }] }),
    stored(answer([thinking, { type: 'text', text: 'Let me look.' }, call], { stop: { kind: 'tools' } }), {
      cost: 0.004,
    }),
    stored({
      role: 'tool',
      content: [{ type: 'tool-result', callId: 'c1', name: 'read_file', ranBy: 'host', output }],
    }),
    stored(
      answer([{ type: 'text', text: 'Not yet: `src/sort.rs` makes the list and leaves it as it is.' }], {
        stop: { kind: 'limit', of: 'output' },
      }),
      { cost: 0.002, timing: { startedAt: 1, durationMs: 2100 } },
    ),
  ]
}
