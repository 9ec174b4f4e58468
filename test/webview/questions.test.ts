import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import type { QuestionView } from '../../src/shared/protocol.ts'
import { Rig } from './harness/browser.ts'
import { serverQuestions } from './harness/server-questions.ts'

describe('what MCP servers ask in the panel', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (...questions: QuestionView[]): Promise<void> => {
    page = await rig.open('tools')
    await page.evaluate((asked) => {
      const { host } = window
      host.start()
      host.call({ id: 't1', name: 'github_tool_1', input: {} })
      host.end({ kind: 'tools' })
      host.state('t1', { kind: 'running', summary: 'GitHub: Create issue', startedAt: Date.now() })
      host.asks(...asked)
    }, questions)
    await page.getByTestId('server-question').first().waitFor()
  }
  const card = (): Locator => page.locator('[data-call=t1]')
  const apart = (): Locator => page.getByTestId('questions-apart')
  const input = (name: string): Locator =>
    page.locator(`[data-field=${name}]`).locator('input, select, textarea').first()
  const objection = (name: string): Locator => page.locator(`[data-field=${name}]`).getByTestId('objection')
  const answers = () => page.evaluate(() => window.host.requests('answer-question'))
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-field]')?.dataset['field'])

  it('stand in the card of the call that runs, and a line above the composer leads to them', async () => {
    await open(serverQuestions.form())
    await card().getByText('github asks you').waitFor()
    await card().getByText('They are public.').waitFor()
    assert.equal(await apart().count(), 0)
    assert.equal(await card().getAttribute('data-state'), 'running')
    await page.getByTestId('waiting-for-you').getByText('github asks you').waitFor()
    assert.equal(await focused(), undefined, 'nobody loses the keyboard to a question')
    await page.getByTestId('waiting-for-you').click()
    assert.equal(await focused(), 'title')
  })

  it('stand above the composer where no call of this chat runs that they belong to', async () => {
    await open(serverQuestions.form({ conversation: 'another' }))
    await apart().getByText('github asks you').waitFor()
    assert.equal(await card().getByTestId('server-question').count(), 0)
  })

  it('move above the composer when their call ends, with what was typed', async () => {
    await open(serverQuestions.form())
    await input('title').fill('A ring')
    await page.evaluate((question) => {
      window.host.state('t1', { kind: 'done', summary: 'Done', durationMs: 5 })
      window.host.asks({ ...question, draft: { title: 'A ring' } })
    }, asAlone(serverQuestions.form()))
    await apart().getByTestId('server-question').waitFor()
    assert.equal(await input('title').inputValue(), 'A ring')
  })

  it('are told of on every page that hides the chat, and a click leads to them', async () => {
    await open(serverQuestions.form())
    for (const what of ['history', 'mcp'] as const) {
      await page.evaluate((overlay) => window.host.tell({ type: 'show', what: overlay }), what)
      await page.getByTestId('waiting-elsewhere').getByText('github asks you').waitFor()
      await page.getByTestId('waiting-elsewhere').click()
      await page.waitForFunction(() => document.activeElement?.closest('[data-field=title]'))
    }
    await page.evaluate((question) => window.host.asks(question), serverQuestions.page())
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'mcp' }))
    await page.getByTestId('mcp').getByTestId('question-address').waitFor()
    assert.equal(await page.getByTestId('waiting-elsewhere').count(), 0, 'it is there to be answered')
  })

  it('are filled in and sent with the keyboard alone', async () => {
    await open(serverQuestions.form())
    await page.getByTestId('waiting-for-you').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.type('A ring that is full')
    await page.keyboard.press('Tab')
    await page.keyboard.type('It loses\nwhat is old')
    for (const key of ['Tab', 'Tab', 'Tab']) await page.keyboard.press(key)
    await page.keyboard.type('7')
    await page.keyboard.press('Tab')
    await page.keyboard.press('b')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    for (const key of ['Tab', 'Tab', 'Tab', 'Space']) await page.keyboard.press(key)
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('server-question').waitFor({ state: 'detached' })
    assert.deepEqual(await answers(), [
      {
        id: 'q1',
        answer: {
          action: 'accept',
          entries: {
            title: 'A ring that is full',
            details: 'It loses\nwhat is old',
            email: 'ada@host.example',
            due: '',
            weight: '7',
            kind: 'bug',
            labels: ['bug', 'feature'],
            private: false,
          },
        },
      },
    ])
    assert.equal(await page.evaluate(() => document.activeElement?.className.includes('head')), true)
  })

  it('are not sent before they fit: what is wrong is said at its field, and the first such field gets the keyboard', async () => {
    await open(serverQuestions.form())
    assert.equal(await page.getByTestId('objection').count(), 0, 'nothing is wrong before anybody came to it')
    await input('weight').fill('101')
    await input('email').fill('nobody')
    await input('email').blur()
    assert.equal(await objection('email').innerText(), 'Give an e-mail address.')
    await page.getByTestId('question-accept').click()
    assert.equal(await objection('title').innerText(), 'The server wants an answer.')
    assert.equal(await objection('weight').innerText(), 'At most 100.')
    assert.equal(await objection('kind').innerText(), 'Choose one.')
    assert.equal(await focused(), 'title')
    await page.getByTestId('announcer').getByText('4 answers cannot be sent so.').waitFor({ state: 'attached' })
    await input('title').fill('ab')
    assert.equal(await objection('title').innerText(), 'At least 3 characters: it has 2.')
    await input('title').fill('abc')
    assert.equal(await objection('title').count(), 0)
    assert.equal(await input('weight').getAttribute('aria-invalid'), 'true')
    assert.deepEqual(await answers(), [])
  })

  it('are declined or cancelled without filling anything in', async () => {
    for (const [button, action] of [
      ['question-decline', 'decline'],
      ['question-cancel', 'cancel'],
    ] as const) {
      if (action === 'cancel') await rig.close(page)
      await open(serverQuestions.form())
      await page.getByTestId(button).click()
      await page.getByTestId('server-question').waitFor({ state: 'detached' })
      assert.deepEqual(await answers(), [{ id: 'q1', answer: { action } }])
    }
  })

  it('leave the turn alone when Esc is pressed in them, which leads back to the composer', async () => {
    await open(serverQuestions.form())
    await input('title').focus()
    await page.keyboard.press('Escape')
    assert.deepEqual(await page.evaluate(() => window.host.requests('stop')), [])
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-testid')), 'composer')
    await card().getByTestId('server-question').waitFor()
  })

  it('tell the host what is typed after a pause, and start from what it kept when the page is new', async () => {
    await open(serverQuestions.form({ draft: { title: 'Half a ti', private: false, labels: [] } }))
    assert.equal(await input('title').inputValue(), 'Half a ti')
    assert.equal(await input('private').isChecked(), false)
    assert.equal(await input('labels').isChecked(), false)
    await input('title').fill('Half a title')
    await page.waitForFunction(() => window.host.requests('keep-answer').length === 1)
    const [kept] = (await page.evaluate(() => window.host.requests('keep-answer'))) as { entries: { title: string } }[]
    assert.equal(kept?.entries.title, 'Half a title')
  })

  it('come with the snapshot, so that a page that was reloaded shows them', async () => {
    await open(serverQuestions.page())
    await page.evaluate(() => window.host.tell({ type: 'stale' }))
    await page.waitForFunction(() => window.host.requests('ready').length === 2)
    await apart().getByTestId('server-question').waitFor()
    await page.evaluate(() => {
      window.host.scene.questions = []
      window.host.tell({ type: 'stale' })
    })
    await apart().waitFor({ state: 'detached' })
  })

  it('say why an answer was not taken, and can be answered again', async () => {
    await open(serverQuestions.page())
    await page.evaluate(() => void window.host.failing.push('answer-question'))
    await page.getByTestId('question-accept').click()
    await apart().getByRole('alert').getByText('The answer-question request failed.').waitFor()
    await page.evaluate(() => void (window.host.failing = []))
    await page.getByTestId('question-accept').click()
    await apart().waitFor({ state: 'detached' })
  })

  it('show the address of a page, its server apart, and go to the host to be opened', async () => {
    await open(serverQuestions.page())
    const address = page.getByTestId('question-address')
    assert.equal(await address.locator('strong').innerText(), 'sign.host.example')
    assert.match(await address.innerText(), /^https:\/\/sign\.host\.example\/agreement\?contributor=ada/)
    await page.getByTestId('question-accept').getByText('Open page').click()
    assert.deepEqual(await answers(), [{ id: 'q2', answer: { action: 'accept' } }])
  })

  it('show what a model is to be asked, at which cost, and what it answered before it goes to the server', async () => {
    await open(serverQuestions.sample())
    const text = await apart().innerText()
    for (const words of [
      'github wants to ask a model, at your cost',
      'Claude Sonnet 4.5 (Anthropic)',
      'at most about $0.01',
    ])
      assert.ok(text.includes(words), `${words} in ${text}`)
    assert.equal(await page.getByTestId('sample-message').count(), 3)
    await page.getByTestId('question-accept').getByText('Allow once').click()
    await apart().waitFor({ state: 'detached' })
    await page.evaluate((question) => window.host.asks(question), serverQuestions.sampled())
    assert.equal(await page.getByTestId('sampled').innerText(), 'It is a ring.')
    await page.getByTestId('question-decline').getByText('Don’t send').click()
    assert.deepEqual(await answers(), [
      { id: 'q3', answer: { action: 'accept' } },
      { id: 'q4', answer: { action: 'decline' } },
    ])
  })

  it('take a field for what it is, whatever a server calls it', async () => {
    const question = serverQuestions.form({ draft: {} })
    const names = ['constructor', '__proto__', 'toString']
    if (question.body.kind === 'form')
      question.body.fields = names.map((name) => ({
        name,
        title: name,
        description: '',
        required: false,
        kind: 'text',
      }))
    await open(question)
    assert.deepEqual(
      await page.locator('[data-field] input').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
      ['', '', ''],
    )
    await input('toString').fill('x')
    await input('toString').blur()
    assert.equal(await page.getByTestId('objection').count(), 0)
    await page.getByTestId('question-accept').click()
    await page.getByTestId('server-question').waitFor({ state: 'detached' })
  })

  it('show what nobody sees by its number, and draw no markup', async () => {
    const question = serverQuestions.form()
    if (question.body.kind === 'form') question.body.message = '<img src=x onerror=alert(1)> \u202ereversed'
    await open(question)
    assert.match(
      await page.getByTestId('question-message').innerText(),
      /<img src=x onerror=alert\(1\)> ⟨U\+202E⟩reversed/,
    )
    assert.equal(await page.getByTestId('question-message').locator('img').count(), 0)
  })
})

function asAlone({ conversation: _, call: __, ...question }: QuestionView): QuestionView {
  return question
}
