/** Single messages in a real VS Code: versions and their arrows, branches and the map, finding, deleting, going on. */
import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import type { Chat } from '../harness/chat.ts'
import { words } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Single messages of a chat', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  let provider: FakeProvider
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
    ;({ workbench, chat } = open)
    provider = open.fakes.anthropic
  })

  after(() => open?.close())

  const press = (key: string) => workbench.page.keyboard.press(key)
  const choose = async (article: Locator, item: string): Promise<void> => {
    await article.hover()
    await article.getByTestId('message-menu-button').click()
    await chat.frame.getByRole('menuitem', { name: item, exact: true }).click()
  }
  const texts = async (): Promise<string[]> =>
    (await chat.frame.locator('article .text, article .markdown').allInnerTexts()).map((text) => text.trim())
  const shows = async (...wanted: string[]): Promise<void> => {
    for (const deadline = Date.now() + 20_000; JSON.stringify(await texts()) !== JSON.stringify(wanted);) {
      if (Date.now() > deadline) assert.deepEqual(await texts(), wanted)
      await workbench.page.waitForTimeout(50)
    }
  }

  it('are edited and tried again beside what was there, and walked by arrows, also after a reload', async () => {
    await chat.turn(provider, 'What is up?', 'The sky.')
    await chat.questions.first().hover()
    await chat.questions.first().getByRole('button', { name: 'Edit message' }).click()
    await chat.frame.getByTestId('editing').waitFor()
    await chat.turn(provider, 'What is down?', 'The ground.')
    await chat.footer.getByRole('button', { name: 'Try again' }).click()
    await (await provider.next()).answer('The floor.')
    await chat.says('The floor.')
    await chat.settled()
    await shows('What is down?', 'The floor.')
    assert.equal(await chat.answer.getByTestId('siblings').getAttribute('aria-label'), 'Answer 2 of 2')
    await chat.answer.getByRole('button', { name: 'Previous version' }).click()
    await shows('What is down?', 'The ground.')
    await chat.questions.first().getByRole('button', { name: 'Previous version' }).click()
    await shows('What is up?', 'The sky.')
    await workbench.reload()
    await chat.again()
    await shows('What is up?', 'The sky.')
    await chat.questions.first().getByRole('button', { name: 'Next version' }).press('Enter')
    await shows('What is down?', 'The floor.')
  })

  it('begin a branch, which the map shows beside the rest', async () => {
    await chat.newChat()
    await chat.turn(provider, 'One?', 'One.')
    await chat.turn(provider, 'Two?', 'Two.')
    await choose(chat.answers.first(), 'Branch from here')
    await shows('One?', 'One.')
    await chat.frame.getByTestId('further').waitFor()
    const turn = await chat.ask(provider, 'Three?')
    assert.deepEqual(
      turn.history.map(({ text }) => text),
      ['One?', 'One.', 'Three?'],
    )
    await turn.answer('Three.')
    await chat.says('Three.')
    await chat.settled()
    await workbench.runCommand('Panelist: Map of Chat')
    const map = chat.frame.getByTestId('map')
    await map.getByRole('treeitem', { name: /Two\?.*branch of 2/ }).waitFor()
    assert.equal(await map.getByRole('treeitem', { name: /Three\?/ }).getAttribute('aria-selected'), 'true')
    await chat.frame.locator('[role=tree]:focus').waitFor()
    for (let times = 0; times < 6; times++) await press('ArrowUp')
    await press('ArrowDown')
    await press('ArrowDown')
    await press('Enter')
    await shows('One?', 'One.', 'Two?', 'Two.')
  })

  it('are found by words with the key that everybody knows, and the editor does not take it', async () => {
    await chat.newChat()
    await (await chat.ask(provider, 'Tell me of needles')).answer(`A **needle** in ${words(0, 400)}`)
    await chat.settled()
    await chat.turn(provider, 'And more', 'Another needle.')
    await chat.composer.focus()
    await press('Control+f')
    await chat.frame.locator('[data-testid=find-field]:focus').waitFor()
    await workbench.page.keyboard.insertText('needle')
    const count = chat.frame.getByTestId('find-count')
    await count.getByText(/of 3$/).waitFor()
    await chat.frame.waitForFunction(
      () => [...(CSS.highlights.get('panelist-found-now') ?? [])].map((range) => String(range)).join() === 'needle',
    )
    const first = await count.innerText()
    await press('Enter')
    await count.getByText(first).waitFor({ state: 'detached' })
    assert.equal(
      await workbench.page.locator('.part.auxiliarybar .simple-find-part.visible, .find-widget.visible').count(),
      0,
    )
    await press('Escape')
    await chat.frame.getByTestId('find').waitFor({ state: 'detached' })
    await chat.frame.locator('[data-testid=composer]:focus').waitFor()
  })

  it('are deleted with a way back', async () => {
    await chat.newChat()
    await chat.turn(provider, 'Keep?', 'Kept.')
    await chat.turn(provider, 'Delete?', 'Deleted.')
    await choose(chat.questions.last(), 'Delete with all that follows')
    await shows('Keep?', 'Kept.')
    await chat.frame.getByTestId('undo').click()
    await shows('Keep?', 'Kept.', 'Delete?', 'Deleted.')
    await choose(chat.answers.first(), 'Delete answer')
    await shows('Keep?', 'Delete?', 'Deleted.')
    // What can be taken back is told beside what is left.
    await chat.frame.getByTestId('undo').waitFor()
    await chat.frame.getByTestId('transcript').focus()
    await press('Control+z')
    await shows('Keep?', 'Kept.', 'Delete?', 'Deleted.')
  })

  /** In the editor's menu, which takes no click right after it has opened, and Enter for the item that it has marked. */
  const pick = async (label: string): Promise<void> => {
    const item = workbench.page.locator('.monaco-menu .action-item', { hasText: label })
    await item.first().hover()
    await workbench.page.locator('.monaco-menu .action-item:has(:focus)', { hasText: label }).waitFor()
    await press('Enter')
    await item.first().waitFor({ state: 'detached' })
  }

  it('have a place in the menu of the editor, too', async () => {
    await chat.newChat()
    await chat.turn(provider, 'One?', 'One.')
    await chat.turn(provider, 'Two?', 'Two.')
    await chat.answers.first().click({ button: 'right' })
    await pick('Branch from Here')
    await shows('One?', 'One.')
    await chat.questions.first().click({ button: 'right' })
    await pick('Delete Message')
    await shows('One.')
    await chat.frame.getByTestId('undo').click()
    await shows('One?', 'One.')
  })

  it('go on from where they were cut off, as one answer in which a fence goes on', async () => {
    await chat.newChat()
    const turn = await chat.ask(provider, 'Code, please')
    await turn.say('```ts\nconst first = 1\nconst sec')
    await chat.frame.locator('article .code').waitFor()
    await chat.stop.click()
    await chat.button('Continue').click()
    const next = await provider.next()
    // This model goes on from the beginning that it is given.
    assert.deepEqual(next.history.at(-1), { role: 'assistant', text: '```ts\nconst first = 1\nconst sec' })
    await next.answer('ond = 2\n```\nThat is all.')
    await chat.settled()
    await chat.frame.getByTestId('transcript').getByText('That is all.').waitFor()
    assert.equal(await chat.frame.locator('article .code').count(), 1)
    assert.equal(await chat.frame.locator('article .code code').innerText(), 'const first = 1\nconst second = 2')
  })
})
