/** The picker and the options of a chat, in a whole VS Code, up to the request a provider gets. */
import assert from 'node:assert/strict'
import type { Locator } from 'playwright-core'
import type { JsonObject } from '../../src/shared/json.ts'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { startFakeProvider } from '../harness/fake-providers.ts'
import type { FakeProvider } from '../harness/fake-providers.ts'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('The model picker and what is chosen beside it', () => {
  let workbench: Workbench
  let chat: Chat
  let anthropic: FakeProvider
  let openai: FakeProvider
  pictureFailures(() => workbench)

  before(async () => {
    ;[anthropic, openai] = await Promise.all([startFakeProvider('anthropic'), startFakeProvider('openai')])
    workbench = await openWorkbench({
      settings: {
        'panelist.provider': 'anthropic',
        'panelist.providers': { anthropic: anthropic.setting, openai: openai.setting },
        'panelist.models': [{ provider: 'openai', id: 'quick', name: 'Quick', model: 'gpt-5-mini' }],
      },
    })
    await workbench.focusPanel()
    chat = await Chat.of(workbench)
  })

  after(async () => {
    await workbench?.close()
    await Promise.all([anthropic?.close(), openai?.close()])
  })

  const rows = (section: string): Locator => chat.frame.locator(`[data-section=${section}]`)

  it('keeps favourites and what was used last over a reload of the window', async () => {
    const picker = await chat.openPicker()
    await picker.locator('[data-model]').first().waitFor()
    await chat.frame.getByTestId('model-search').fill('opus')
    await picker.locator('[data-model="claude-opus-4-5"]').waitFor()
    await chat.frame.getByTestId('model-search').press('Control+d')
    await chat.frame.locator('[data-testid=favourite][aria-pressed=true]').waitFor()
    await chat.closePicker()
    await chat.pick('claude-haiku-4-5')
    await chat.turn(anthropic, 'Hello?', 'Hello.')
    await workbench.stored('"panelist.recentModels":[{"provider":"anthropic","model":"claude-haiku-4-5"}')

    await workbench.reload()
    await chat.again()
    await chat.openPicker()
    await rows('favourites').first().waitFor()
    assert.equal(await rows('favourites').count(), 1)
    assert.equal(await rows('favourites').getAttribute('data-model'), 'claude-opus-4-5')
    assert.equal(await rows('recent').count(), 1)
    assert.equal(await rows('recent').getAttribute('data-model'), 'claude-haiku-4-5')
    await chat.closePicker()
  })

  it('narrows the list to a provider, and shows a name of the person’s own with what it stands for', async () => {
    const picker = await chat.openPicker()
    await chat.frame.getByTestId('provider-filter').selectOption('openai')
    await picker.locator('[data-model="quick"]').waitFor()
    assert.equal(await picker.locator('[data-model^=claude]').count(), 0)
    assert.match(await picker.locator('[data-model="quick"]').innerText(), /Quick[^]*→ gpt-5-mini/)
    await picker.locator('[data-model="quick"]').click()
    const turn = await chat.ask(openai, 'Are you quick?')
    assert.equal(turn.model, 'gpt-5-mini')
    await turn.answer('Yes.')
    await chat.settled()
    await chat.openPicker()
    await chat.frame.getByTestId('provider-filter').selectOption('')
    await chat.closePicker()
  })

  it('sends the limit and the effort that were chosen for the chat, to whichever model it moves', async () => {
    await chat.newChat()
    await chat.pick('claude-opus-4-5')
    await option('option-limit', (field) => field.fill('1234'))
    await option('option-thinking', (field) => field.selectOption('off'))
    await chat.frame.getByTestId('options-dot').waitFor()
    const first = await chat.ask(anthropic, 'Be short.')
    const { max_tokens, thinking } = first.request.json() as JsonObject
    assert.deepEqual([max_tokens, thinking], [1234, { type: 'disabled' }])
    await first.answer('So.')
    await chat.settled()

    await chat.pick('gpt-5')
    const second = await chat.ask(openai, 'And you?')
    const { max_output_tokens, reasoning } = second.request.json() as JsonObject
    assert.deepEqual([max_output_tokens, reasoning], [1234, { effort: 'none' }])
    await second.answer('I too.')
    await chat.settled()

    await chat.pick('claude-opus-4-5')
    await option('option-limit', (field) => field.fill('1,000,000'))
    const third = await chat.ask(anthropic, 'As much as you like.')
    assert.equal((third.request.json() as JsonObject).max_tokens, 64_000, 'the model’s own limit')
    await third.answer('Enough.')
    await chat.settled()
  })

  it('goes back to the settings where a choice is taken back', async () => {
    await option('option-limit', (field) => field.fill(''))
    await option('option-thinking', (field) => field.selectOption(''))
    await chat.frame.getByTestId('options-dot').waitFor({ state: 'detached' })
    const turn = await chat.ask(anthropic, 'As you like.')
    assert.equal((turn.request.json() as JsonObject).thinking, undefined)
    await turn.answer('Good.')
    await chat.settled()
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))

  /** Opens the options, does it, and closes them by Escape in another field: what was typed is taken on the way. */
  async function option(testId: string, act: (field: Locator) => Promise<unknown>): Promise<void> {
    await chat.frame.getByTestId('options-button').click()
    await act(chat.frame.getByTestId(testId))
    await chat.frame.getByTestId('option-thinking').press('Escape')
    await chat.frame.getByTestId('chat-options').waitFor({ state: 'detached' })
  }
})
