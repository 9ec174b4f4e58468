/** A panel as a person uses it. Finds its frame anew each time, because VS Code replaces the frame whenever it likes. */
import assert from 'node:assert/strict'
import type { Frame, Locator } from 'playwright-core'
import type { FakeProvider, FakeTurn } from './fake-providers.ts'
import type { Window } from './workbench.ts'

/** How long something in the window is waited for, in milliseconds: a busy machine is slow, and mocha's own limit is a minute. */
const PATIENCE = 20_000

/** What a press brings comes within this, unless the machine is busy. */
const SOON = 2_000

export class Chat {
  readonly window: Window
  frame: Frame
  /** In the side bar, or in an editor. */
  #place: string | undefined

  private constructor(window: Window, frame: Frame) {
    this.window = window
    this.frame = frame
  }

  /** The `index`th panel of the window: of all, or of those in the side bar or in editors. */
  static async of(window: Window, index = 0, place?: string): Promise<Chat> {
    const chat = new Chat(window, await window.panel({ index, ...(place !== undefined && { place }) }))
    window.page.setDefaultTimeout(PATIENCE)
    await chat.ready()
    return chat
  }

  /** Finds the panel again after a reload of the window or the page: the `index`th of its place. */
  async again(index = 0): Promise<void> {
    this.frame = await this.window.panel({ index, ...(this.#place !== undefined && { place: this.#place }) })
    await this.ready()
  }

  /** Waits for the first snapshot. */
  async ready(): Promise<void> {
    await this.frame.locator('[data-testid=empty], [data-testid=transcript], [data-testid=history]').first().waitFor()
    this.#place ??= (await this.frame.locator('.panel').first().getAttribute('data-place')) ?? undefined
  }

  get composer(): Locator {
    return this.frame.getByTestId('composer')
  }

  get stop(): Locator {
    return this.frame.getByTestId('stop')
  }

  get questions(): Locator {
    return this.frame.locator('article[data-role=user]')
  }

  get answers(): Locator {
    return this.frame.locator('article[data-role=assistant]')
  }

  get answer(): Locator {
    return this.answers.last()
  }

  get failure(): Locator {
    return this.answer.getByTestId('failure')
  }

  get footer(): Locator {
    return this.answer.getByTestId('footer')
  }

  /** The model and the provider that the last answer names as its own. */
  get from(): Locator {
    return this.answer.locator('.from')
  }

  get thinking(): Locator {
    return this.answer.locator('.thinking')
  }

  button(name: string): Locator {
    return this.answer.locator('.note, .failure').getByRole('button', { name, exact: true })
  }

  /** Types and sends, as with the keyboard. */
  async send(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /**
   * Sends, and gives the provider's side of the answer once the page shows it as running: on a busy machine the page is
   * behind, and what waits for an end would find that of the answer before.
   */
  async ask(provider: FakeProvider, text: string): Promise<FakeTurn> {
    await this.send(text)
    const turn = await provider.next()
    await this.stop.waitFor()
    return turn
  }

  /** A whole turn: question, answer, settled. */
  async turn(provider: FakeProvider, question: string, answer: string): Promise<void> {
    const turn = await this.ask(provider, question)
    await turn.answer(answer)
    await this.says(answer)
    await this.settled()
  }

  /** Waits until the last answer is exactly this text; its drawing is the text itself where that holds no markup. */
  async says(text: string): Promise<void> {
    const wanted = squeeze(text)
    let seen = ''
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline;) {
      seen = await this.text()
      if (seen === wanted) return
      await this.window.page.waitForTimeout(25)
    }
    assert.equal(seen, wanted)
  }

  /** The text of the last answer without its footer: from its beginning, where it goes on from one that was cut off. */
  async text(): Promise<string> {
    const texts = await this.answers
      .evaluateAll((articles) => {
        let from = articles.length - 1
        while (from > 0 && articles[from]?.getAttribute('aria-label') === 'Answer, continued') from--
        return articles
          .slice(Math.max(0, from))
          .flatMap((article) => [...article.querySelectorAll('.markdown')].map((one) => one.textContent ?? ''))
      })
      .catch(() => [])
    return squeeze(texts.join(' '))
  }

  async settled(): Promise<void> {
    await this.stop.waitFor({ state: 'hidden' })
    await this.footer.waitFor()
  }

  async newChat(): Promise<void> {
    // The button had the focus; the composer gets it once the new chat is there.
    await this.#press('new', 'New Chat', this.frame.getByTestId('empty'))
    await this.keepsFocus('composer')
  }

  /**
   * Waits until this has the keyboard, and keeps it: VS Code reveals a view once more a moment after a command, and keys
   * that come in between are its own.
   */
  async keepsFocus(testId: string): Promise<void> {
    const deadline = Date.now() + PATIENCE
    for (let held = 0; held < 3; held++) {
      assert.ok(Date.now() < deadline, `${testId} does not keep the focus`)
      if ((await this.frame.locator(`[data-testid=${testId}]:focus`).count()) === 0) held = -1
      await this.window.page.waitForTimeout(50)
    }
  }

  /** Waits until the key that was typed last is kept, the only one there is: VS Code closes the box for it before. */
  async hasKey(): Promise<void> {
    await (await this.openPicker()).getByText('key set').waitFor()
    await this.closePicker()
  }

  async openHistory(): Promise<void> {
    await this.#press('history-button', 'Show History', this.frame.getByTestId('history'))
  }

  /** Presses a button of the panel's own header in an editor, of the view's title bar in the side bar, and waits for what comes. */
  async #press(testId: string, label: string, comes: Locator): Promise<void> {
    const place = await this.frame.locator('.panel').getAttribute('data-place')
    if (place === 'editor') await this.frame.getByTestId(testId).click()
    else await this.#pressInBar(label, comes)
    await comes.waitFor()
  }

  /**
   * VS Code makes the buttons of its bars anew now and then, as after the first change of settings in a window that was
   * reloaded. What presses the old one in that moment is lost, and a person presses again.
   */
  async #pressInBar(label: string, comes: Locator): Promise<void> {
    const button = this.window.page.locator(`.part.auxiliarybar .action-label[aria-label^="${label}"]`).first()
    for (let isLost = true; isLost;) {
      const pressed = await button.elementHandle()
      await button.click()
      await comes.waitFor({ timeout: SOON }).catch(() => undefined)
      const isGone = !(await pressed?.evaluate((node) => node.isConnected))
      isLost = isGone && !(await comes.isVisible())
    }
  }

  /** Picks a model in the picker, searching for it. */
  async pick(model: string): Promise<void> {
    await this.openPicker()
    await this.frame.getByTestId('model-search').fill(model)
    await this.frame.locator(`[data-model="${model}"]`).click()
    await this.frame.getByTestId('model-picker').waitFor({ state: 'detached' })
    await this.frame.locator(`[data-testid=model-button][title$="${model}"]`).waitFor()
  }

  async openPicker(): Promise<Locator> {
    await this.frame.getByTestId('model-button').click()
    await this.frame.locator('[data-testid=model-search]:focus').waitFor()
    return this.frame.getByTestId('model-picker')
  }

  async closePicker(): Promise<void> {
    await this.frame.getByTestId('model-search').press('Escape')
    await this.frame.getByTestId('model-picker').waitFor({ state: 'detached' })
  }
}

/** Text with single spaces: how lines break is the page's business. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Words that are told apart, so that a gap or a doubled piece shows. */
export function words(from: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `word${from + at} `).join('')
}
