/** Models compared in a whole VS Code: what a run costs, how it goes, and what stays of it. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Chat } from '../harness/chat.ts'
import { pictureFailures } from '../harness/failure.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Benchmark Models', () => {
  let open: OpenChat<'anthropic'>
  let workbench: Workbench
  let chat: Chat
  pictureFailures(() => workbench)

  before(async () => {
    open = await openChat({
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      settings: {
        'panelist.chatTitles': 'words',
        'panelist.models': ['claude-haiku-4-5', 'claude-sonnet-4-5'].map((id) => {
          return { provider: 'anthropic', id, price: { input: 1, output: 5 } }
        }),
      },
    })
    ;({ workbench, chat } = open)
  })
  after(() => open?.close())

  const cell = (model: string, measure: string) =>
    chat.frame.locator(`[data-row="anthropic/${model}"] [data-measure=${measure}]`)

  it('says what two models and two prompts cost, asks them one after another, and shows what came of it', async () => {
    await workbench.runCommand('Panelist: Benchmark Models')
    const page = chat.frame.getByTestId('benchmark')
    await page.waitFor()
    for (const name of ['JSON', 'Code', 'Long answer']) await page.locator(`[data-prompt="${name}"] input`).uncheck()
    await page.locator('[data-model="anthropic/claude-sonnet-4-5"] input').check()
    await page
      .getByTestId('benchmark-cost')
      .getByText(/4 requests, at most \$0\.01\d+\./)
      .waitFor()
    await page.getByTestId('benchmark-run').click()
    await page.getByTestId('benchmark-run').getByText('Stop').waitFor()
    for (const answer of ['Canberra', 'Sydney', '343', '343']) {
      const turn = await open.fakes.anthropic.next()
      await turn.say(answer.slice(0, 2))
      await workbench.page.waitForTimeout(120)
      await turn.say(answer.slice(2))
      await turn.finish({ input: 100, output: 40, cached: 0 })
    }
    await page.getByTestId('benchmark-run').getByText('Compare').waitFor()
    assert.equal(await cell('claude-haiku-4-5', 'checks').innerText(), '2 of 2')
    assert.equal(await cell('claude-sonnet-4-5', 'checks').innerText(), '1 of 2')
    assert.equal(await cell('claude-sonnet-4-5', 'failed').innerText(), '0 of 2')
    assert.match(await cell('claude-haiku-4-5', 'rate').innerText(), /^\d+ tok\/s$/)
    assert.match(await cell('claude-haiku-4-5', 'first').innerText(), /^\d/)
    assert.equal(await cell('claude-haiku-4-5', 'cost').innerText(), '$0.0006')
  })

  it('keeps what came of it over a reload of the window, and stops the next run at once', async () => {
    const before = await cell('claude-haiku-4-5', 'rate').innerText()
    await workbench.reload()
    await chat.again()
    await workbench.runCommand('Panelist: Benchmark Models')
    await chat.frame.getByTestId('benchmark-table').waitFor()
    assert.equal(await cell('claude-haiku-4-5', 'rate').innerText(), before)
    await chat.frame.getByTestId('benchmark-run').click()
    const turn = await open.fakes.anthropic.next()
    await turn.say('Can')
    await chat.frame.getByTestId('benchmark-progress').getByText('Asked 0 of 4').waitFor()
    await chat.frame.getByTestId('benchmark-run').getByText('Stop').click()
    assert.equal((await turn.closed).aborted, true)
    await chat.frame.getByTestId('benchmark-run').getByText('Compare').waitFor()
    assert.equal(await chat.frame.getByTestId('benchmark-shown').locator('option').count(), 2)
    await chat.frame
      .getByTestId('benchmark-shown')
      .locator('option', { hasText: 'stopped' })
      .waitFor({ state: 'attached' })
  })

  it('opens the file of prompts', async () => {
    await chat.frame.getByTestId('benchmark-edit').click()
    const tab = workbench.page.locator('.tab', { hasText: 'benchmark-prompts.json' })
    await tab.waitFor()
    await workbench.page.locator('.monaco-editor .view-lines', { hasText: 'capital of Australia' }).first().waitFor()
  })

  it('asks before a command of the file checks answers, and no more once it is always allowed', async () => {
    const page = chat.frame.getByTestId('benchmark')
    const prompts = [{ name: 'Capital', prompt: 'The capital?', checks: [{ command: 'grep -q Canberra' }] }]
    writeFileSync(
      path.join(workbench.server.profile.data, 'User/globalStorage/panelist.panelist/benchmark-prompts.json'),
      JSON.stringify({ prompts }),
    )
    await chat.frame.getByTestId('benchmark-close').click()
    await workbench.runCommand('Panelist: Benchmark Models')
    await page.locator('[data-prompt=Capital]').waitFor()
    const before = open.fakes.anthropic.server.requests.length
    await page.getByTestId('benchmark-run').click()
    const card = page.getByTestId('approval')
    await card.getByText('grep -q Canberra', { exact: true }).waitFor()
    assert.equal(open.fakes.anthropic.server.requests.length, before, 'it began before it was allowed')
    await workbench.screenshot('benchmark-command')
    await card.getByTestId('allow-always').click()
    await page.getByTestId('benchmark-progress').waitFor()
    for (let asked = 0; asked < 2; asked++) {
      const turn = await open.fakes.anthropic.next()
      await turn.answer(JSON.stringify(turn.request.json()).includes('haiku') ? 'Canberra' : 'Sydney')
    }
    await page.getByTestId('benchmark-run').getByText('Compare').waitFor()
    assert.equal(await cell('claude-haiku-4-5', 'checks').innerText(), '1 of 1')
    assert.equal(await cell('claude-sonnet-4-5', 'checks').innerText(), '0 of 1')
    await page.getByTestId('benchmark-run').click()
    await page.getByTestId('benchmark-run').getByText('Stop').waitFor()
    for (const answer of ['Canberra', 'Canberra']) await (await open.fakes.anthropic.next()).answer(answer)
    await page.getByTestId('benchmark-run').getByText('Compare').waitFor()
    assert.equal(await cell('claude-sonnet-4-5', 'checks').innerText(), '1 of 1')
  })

  it('causes no console error, no exception and no CSP violation', () => assert.deepEqual(workbench.problems, []))
})
