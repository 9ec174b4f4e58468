/** What a UI test that failed leaves behind: a picture, and in the output what a person would have seen. */
import type { Frame } from 'playwright-core'
import { squeeze } from './chat.ts'
import type { Window } from './workbench.ts'

/** How long a panel that goes is waited for, in milliseconds. */
const PATIENCE = 1_000

/** After a test that failed, keeps a picture of the window under out/screenshots and prints what its panels show. */
export function pictureFailures(window: () => Window | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return
    const failed = window()
    if (!failed) return
    const name = this.currentTest.fullTitle().replace(/\W+/g, '-').slice(0, 80)
    const picture = await failed.screenshot(`failure-${name}`).catch(() => 'no picture: the page is gone')
    const lines = [`see ${picture}`, ...(await panelLines(failed)), ...problemLines(failed)]
    console.log(lines.map((line) => `      | ${line}`).join('\n'))
  })
}

async function panelLines(window: Window): Promise<string[]> {
  const frames = await window.panels().catch(() => [])
  if (frames.length === 0) return ['no panel is there']
  const shown = await Promise.all(frames.map((frame) => panelLine(frame).catch((error: unknown) => String(error))))
  return shown.map((line, at) => `panel ${at + 1}: ${line}`)
}

async function panelLine(frame: Frame): Promise<string> {
  const texts = (selector: string) => frame.locator(selector).allTextContents()
  const count = (selector: string) => frame.locator(selector).count()
  const lastAnswer = 'article[data-role=assistant] >> nth=-1'
  const [place, empty, history, articles, running, focused, composer, notices, questions, answer, ends] =
    await Promise.all([
      frame.locator('.panel').getAttribute('data-place', { timeout: PATIENCE }),
      count('[data-testid=empty]'),
      count('[data-testid=history]'),
      count('article'),
      count('[data-testid=stop]'),
      count('[data-testid=composer]:focus'),
      frame.getByTestId('composer').inputValue({ timeout: PATIENCE }),
      texts('[data-testid=notice]'),
      texts('article[data-role=user]'),
      texts(`${lastAnswer} >> .markdown`),
      texts(`${lastAnswer} >> :is([data-testid=failure], [data-testid=interrupted], [data-testid=footer])`),
    ])
  const view = history ? 'history' : empty ? 'empty chat' : `${articles} articles`
  const question = questions.at(-1)
  const facts = [
    `${place}, ${view}, ${running ? 'running' : 'idle'}, ${focused ? '' : 'no '}focus in the composer`,
    `composer ${quote(composer)}`,
    ...notices.map((notice) => `notice ${quote(notice)}`),
    ...(question === undefined ? [] : [`last question ${quote(question)}`, `last answer ${quote(answer.join(' '))}`]),
    ...ends.map((end) => `which ends ${quote(end)}`),
  ]
  return facts.join('; ')
}

const MOST_PROBLEMS = 5

function problemLines({ problems }: Window): string[] {
  return problems.slice(-MOST_PROBLEMS).map(({ kind, text }) => `${kind}: ${quote(text)}`)
}

/** At most the two ends of a long text, in one line. */
function quote(text: string): string {
  const line = squeeze(text)
  return line.length > 200 ? `“${line.slice(0, 120)} … ${line.slice(-60)}”` : `“${line}”`
}
