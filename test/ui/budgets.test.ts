/** Budgets in a real VS Code: met and asked about, sent anyway, stopped, and the shared credits of a team. */
import assert from 'node:assert/strict'
import { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { notified } from '../harness/native-dialogs.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

/** An answer of 20,000 tokens costs $0.40. */
const priced = (provider: string) => {
  const limits = { contextWindow: 100_000, maxOutputTokens: 20_000 }
  return { provider, id: 'priced', name: 'Priced', ...limits, price: { input: 5, output: 20 } }
}

describe('A budget', () => {
  let open: OpenChat<'anthropic' | 'gateway'>
  let workbench: Workbench
  let chat: Chat

  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: {
        anthropic: 'anthropic',
        gateway: { kind: 'compatible', credits: { allowance: 1_000, per: 'day', rate: { usd: 0.001 } } },
      },
      choice: { provider: 'anthropic', model: 'priced' },
      settings: {
        'panelist.models': [priced('anthropic'), priced('gateway')],
        'panelist.budgets': { day: 0.5 },
        'panelist.tools.enabled': false,
        'panelist.countTokens': 'estimate',
        'panelist.chatTitles': 'words',
      },
    })
    ;({ workbench, chat } = open)
  })

  after(() => open?.close())

  const provider = () => open.fakes.anthropic
  const question = () => chat.frame.getByTestId('budget-question')

  it('is held to without a word while there is enough of it', async () => {
    const turn = await chat.ask(provider(), 'One')
    await turn.answer('The first.', { input: 1_000, output: 15_000, cached: 0 })
    await chat.says('The first.')
    await chat.settled()
    assert.equal(await question().count(), 0)
    assert.match(await chat.footer.innerText(), /\$0\.305/)
  })

  it('is asked about before anything is sent that may go over it, and the request is sent anyway when that is said', async () => {
    await chat.send('Two')
    await question()
      .getByText(
        /This request may cost \$0\.4\d;\s+today's budget of \$0\.50 has \$0\.(19|20) left until it begins anew at midnight/,
      )
      .waitFor()
    await question().getByRole('button', { name: 'Send anyway' }).click()
    const turn = await provider().next()
    await question().waitFor({ state: 'detached' })
    await turn.answer('The second.', { input: 1_000, output: 6_000, cached: 0 })
    await chat.says('The second.')
    await chat.settled()
  })

  it('that is nearly used up is told once, and stands above the composer', async () => {
    await chat.frame.getByText(/^8\d% of today's budget is used: \$0\.4\d of \$0\.50\.$/).waitFor()
    await chat.frame.getByTestId('budget-warning').getByText("Today's budget").waitFor()
    await chat.frame.getByTestId('context').click()
    await chat.frame.getByTestId('budgets').getByText("Today's budget").waitFor()
    await chat.frame.getByTestId('context-details').press('Escape')
  })

  it('that is met stops the request when the person does, and nothing is sent', async () => {
    await chat.send('Three')
    await question().getByRole('button', { name: 'Stop', exact: true }).click()
    await chat.failure
      .getByText(/Nothing was sent: today's budget of \$0\.50 has \$0\.0\d+ left, and you stopped it/)
      .waitFor()
    await chat.settled()
  })

  it('is told of by VS Code where the person has gone to another chat, and one click leads back to the question', async () => {
    await chat.send('Meanwhile')
    await question().waitFor()
    await chat.newChat()
    await chat.frame.getByTestId('budget-question').waitFor({ state: 'detached' })
    const { helper } = workbench
    const told = await notified(workbench, 'waits for you')
    await told.getByText(/Send for up to \$0\.4\d, past a budget\?/).waitFor()
    await told.hover()
    await told.getByRole('button', { name: 'Show Chat' }).click()
    const back = await Chat.of(workbench, 0, 'editor')
    await back.frame.getByTestId('budget-question').getByRole('button', { name: 'Stop', exact: true }).click()
    await back.failure.getByText(/and you stopped it/).waitFor()
    await helper.execute('notifications.clearAll')
    await helper.execute('workbench.action.closeActiveEditor')
  })

  it('that stops is not asked about: the failure says how much is left, and what to do', async () => {
    await workbench.helper.changeSettings({ 'panelist.budgets': { day: { limit: 0.5, then: 'stop' } } })
    await chat.send('Four')
    await chat.failure
      .getByText(/Nothing was sent: this request may cost \$0\.4\d, and today's budget of \$0\.50/)
      .waitFor()
    assert.equal(await question().count(), 0)
  })

  it('counts nothing that the shared credits of a team pay for, and the answer says that they did', async () => {
    await workbench.helper.changeSettings({ 'panelist.provider': 'gateway' })
    await chat.newChat()
    const turn = await chat.ask(open.fakes.gateway, 'Five')
    assert.equal(turn.model, 'priced')
    await turn.answer('The fifth.', { input: 1_000, output: 1_000, cached: 0 })
    await chat.says('The fifth.')
    await chat.footer.getByText('shared credits', { exact: true }).waitFor()
    await chat.frame.getByTestId('context').click()
    await chat.frame
      .getByTestId('budgets')
      .getByText(/^25 of 1,000 credits/)
      .waitFor()
    await chat.frame.getByTestId('context-details').press('Escape')
  })

  it('is still met in a window that was reloaded', async () => {
    await workbench.reload()
    await chat.again()
    await chat.frame.getByTestId('budget-warning').getByText("Today's budget").waitFor()
  })

  it('of a day begins anew at midnight', async () => {
    await workbench.helper.changeSettings({ 'panelist.provider': 'anthropic' })
    await workbench.pass(24 * 3_600_000)
    await chat.newChat()
    const turn = await chat.ask(provider(), 'The next day')
    assert.equal(await question().count(), 0)
    await turn.answer('Good morning.', { input: 1_000, output: 100, cached: 0 })
    await chat.says('Good morning.')
    await chat.settled()
    await chat.frame.getByTestId('budget-warning').waitFor({ state: 'detached' })
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
