/** Earlier chats found, named, put away and brought back, and models compared, in a whole VS Code. */
import assert from 'node:assert/strict'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Earlier chats', () => {
  let open: OpenChat<'anthropic' | 'openai'>
  let workbench: Workbench
  let chat: Chat

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic', openai: 'openai' },
      settings: { 'panelist.chatTitles': 'model' },
    })
    ;({ workbench, chat } = open)
  })

  after(() => open?.close())

  const history = () => chat.frame.getByTestId('history')
  const rows = () => history().locator('[data-conversation]')

  it('are named by a model of the same provider once they are answered, and found by what was said in them', async () => {
    await chat.newChat()
    await chat.pick('claude-haiku-4-5')
    const turn = await chat.ask(open.fakes.anthropic, 'How many lighthouses has Brittany?')
    await turn.answer('About **fifty** of them burn, one on a rock called Kereon.')
    const title = await open.fakes.anthropic.next()
    assert.match(JSON.stringify(title.history), /lighthouses.*Kereon/)
    await title.answer('Lighthouses of Brittany')
    await chat.frame.getByTestId('title').getByText('Lighthouses of Brittany').waitFor()

    await chat.newChat()
    const other = await chat.ask(open.fakes.anthropic, 'Name a tree')
    await other.answer('An oak.')
    await (await open.fakes.anthropic.next()).answer('Trees')
    await chat.frame.getByTestId('title').getByText('Trees').waitFor()

    await chat.openHistory()
    await rows().nth(1).waitFor()
    await chat.frame.getByTestId('history-search').fill('keréon rock')
    await rows().nth(1).waitFor({ state: 'detached' })
    assert.match(await rows().first().innerText(), /Lighthouses of Brittany/)
    assert.equal(await rows().first().locator('mark').count(), 2)
    await workbench.page.keyboard.press('Enter')
    await chat.says('About fifty of them burn, one on a rock called Kereon.')
  })

  it('give way to a new chat, with the keyboard in its message box', async () => {
    await chat.openHistory()
    await chat.newChat()
    assert.equal(await history().count(), 0)
  })

  it('are deleted with a way back, and put away', async () => {
    await chat.openHistory()
    await rows().nth(1).waitFor()
    const trees = rows().filter({ hasText: 'Trees' })
    await trees.hover()
    await trees.getByRole('button', { name: 'Delete' }).click()
    await trees.waitFor({ state: 'detached' })
    await chat.frame.getByTestId('undo-bar').getByRole('button', { name: 'Undo' }).click()
    await trees.waitFor()
    await trees.hover()
    await trees.getByRole('button', { name: 'Pin', exact: true }).click()
    await history().getByText('Pinned', { exact: true }).waitFor()
    await trees.hover()
    await trees.getByRole('button', { name: 'Archive' }).click()
    await trees.waitFor({ state: 'detached' })
    await chat.frame.getByTestId('history-filter').click()
    await chat.frame.getByRole('button', { name: 'Archived' }).click()
    await trees.waitFor()
    await workbench.page.keyboard.press('Escape')
  })

  it('compare two models on one message, and go on with one of them', async () => {
    await chat.newChat()
    await chat.pick('claude-haiku-4-5')
    const picker = await chat.openPicker()
    await picker.getByTestId('compare-models').click()
    await chat.frame.getByTestId('compare-bar').waitFor()
    await chat.frame.getByTestId('model-search').fill('gpt-5-mini')
    await chat.frame.locator('[data-model="gpt-5-mini"]').click()
    await chat.frame.getByTestId('compare-bar').locator('.chip').nth(1).waitFor()
    await chat.composer.fill('Tabs or spaces?')
    await workbench.page.keyboard.press('Enter')
    const [one, other] = await Promise.all([open.fakes.anthropic.next(), open.fakes.openai.next()])
    assert.deepEqual([one.model, other.model], ['claude-haiku-4-5', 'gpt-5-mini'])
    await other.say('Sp')
    await one.say('Ta')
    await chat.frame.getByTestId('comparison').waitFor()
    await one.answer('bs.')
    await other.answer('aces.')
    await chat.frame.getByRole('tab', { name: /mini/i }).click()
    const lane = chat.frame.getByTestId('lane')
    await lane.getByText('Spaces.').waitFor()
    await lane.getByTestId('footer').waitFor()
    await lane.getByRole('button', { name: /^Go on with this/ }).click()
    await chat.frame.getByTestId('comparison').waitFor({ state: 'detached' })
    await chat.says('Spaces.')
    assert.match(await chat.frame.getByTestId('siblings').last().innerText(), /2 \/ 2/)

    await chat.pick('gpt-5-mini')
    const next = await chat.ask(open.fakes.openai, 'Why?')
    assert.deepEqual(
      next.history.map(({ text }) => text.trim()),
      ['Tabs or spaces?', 'Spaces.', 'Why?'],
    )
    await next.answer('They are the same everywhere.')
    await chat.says('They are the same everywhere.')
    await chat.settled()
  })
})
