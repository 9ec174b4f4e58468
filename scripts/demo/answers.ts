/** What the demo provider says. One answer to show each thing that a panel has to draw. */

export type Answer =
  | { content: string; reasoning?: string; toolCalls?: { id: string; name: string; arguments: string }[] }
  | { status: number; error: { message: string; type: string }; retryAfter?: number }

const welcome = `This answer comes from **Panelist's demo provider**: a small server on this machine that speaks the wire formats of
Anthropic and OpenAI. No key was used and nothing left your computer, so the panel you see is real and the wisdom is not.

### What Panelist does

| You want to | Panelist |
| --- | --- |
| use the model that fits | moves one conversation across providers |
| keep what was said | writes each answer down while it streams |
| know what it cost | counts tokens, cache and price of each answer |

### A first step

Code comes with its language, a copy button and a way into your editor:

\`\`\`ts
export function greet(name: string): string {
  return \`Hello, \${name}!\`
}
\`\`\`

- [x] Open the panel
- [x] Send a message
- [ ] Set your own key with the command \`Panelist: Set API Key\`

Ask for a **tool**, an **error** or something **long**, and the demo shows you those too.
`

const thinking =
  'The person tries the panel without a key. A short introduction helps most: what this is, what the panel can do, ' +
  'and how to go on. A table, some code and a task list show how an answer is drawn.'

const lengthy = [
  '# A long answer, to scroll in\n\n',
  'Scroll up while it streams: the panel lets go of the bottom and offers a way back.\n\n',
  ...Array.from({ length: 24 }, (_, index) => section(index + 1)),
].join('')

function section(number: number): string {
  return `## Part ${number}

Each paragraph that is finished stays as it is; only the one that grows is drawn again. So part ${number} costs as much as
part 1, however long the answer is by now.

\`\`\`py
def part_${number}(words: list[str]) -> str:
    """Joins the words of part ${number}."""
    return " ".join(word.strip() for word in words if word)
\`\`\`

1. Read part ${number}.
2. Go on to part ${number + 1}.

`
}

const toolUse: Answer = {
  reasoning: 'The question is about the workspace, so reading a file comes first.',
  content: 'I would read the file before I say anything about it.',
  toolCalls: [{ id: 'demo_call_1', name: 'read_file', arguments: '{"path":"hello.ts"}' }],
}

const failures: Record<number, { message: string; type: string; retryAfter?: number }> = {
  400: { message: 'The demo provider calls this request invalid.', type: 'invalid_request_error' },
  401: { message: 'The demo provider does not know this key.', type: 'authentication_error' },
  404: { message: 'The demo provider has no such model.', type: 'not_found_error' },
  429: { message: 'The demo provider limits requests.', type: 'rate_limit_error', retryAfter: 20 },
  500: { message: 'The demo provider broke.', type: 'api_error' },
  529: { message: 'The demo provider plays overloaded.', type: 'overloaded_error' },
}

/** UTF-16 units. What asks for a summary holds the whole chat, and with it every word below. */
const LONGEST_WISH = 500

/**
 * The answer to a person's message. “error” fails with 529, “error 429” with that status; “tool” calls one, “long” goes
 * on for a while, anything else, and whatever is too long to be such a wish, gets the introduction.
 */
export function answerTo(message: string): Answer {
  if (message.length > LONGEST_WISH) return { content: welcome, reasoning: thinking }
  // No boundary before it: a message before it that was never answered comes along without a space between them.
  const wanted = /error\b(?:\s+(\d{3}))?/i.exec(message)
  if (wanted) {
    const status = Number(wanted[1] ?? 529)
    const { message: text, type, retryAfter } = failures[status] ?? { message: 'The demo fails.', type: 'api_error' }
    return { status, error: { message: text, type }, ...(retryAfter === undefined ? {} : { retryAfter }) }
  }
  if (/\btools?\b/i.test(message)) return toolUse
  if (/\blong\b/i.test(message)) return { content: lengthy }
  return { content: welcome, reasoning: thinking }
}
