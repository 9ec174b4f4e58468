/** Agents, instructions and prompts of a workspace, as somebody meets them who has such files already. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pictureFailures } from '../harness/failure.ts'
import type { FakeTurn } from '../harness/fake-providers.ts'
import { openChat } from '../harness/open-chat.ts'
import type { OpenChat } from '../harness/open-chat.ts'

const FILES = {
  'AGENTS.md': 'Use tabs, never spaces.',
  '.github/agents/reviewer.agent.md': `---
name: Reviewer
description: Reads a change
model: claude-sonnet-4-5
tools: ['read', 'search']
---
You review and change nothing.`,
  '.github/prompts/explain.prompt.md':
    '---\ndescription: Explains a thing\n---\nExplain ${input:what:the thing} to me.',
}
type Sent = { model: string; system?: string | { text: string }[]; tools?: { name: string }[] }

function workspace(): { folder: string; write(name: string, text: string): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-agents-'))
  const write = (name: string, text: string): void => {
    const file = path.join(folder, 'workspace', name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const [name, text] of Object.entries(FILES)) write(name, text)
  return { folder, write }
}

const sent = (turn: FakeTurn): Sent => turn.request.json() as Sent
function systemOf({ system = '' }: Sent): string {
  return typeof system === 'string' ? system : system.map(({ text }) => text).join('\n')
}

describe('Agents and instructions of a workspace', () => {
  const { folder, write } = workspace()
  let open: OpenChat<'anthropic'>
  pictureFailures(() => open?.workbench)

  before(async () => {
    open = await openChat({
      folder,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
    })
  })
  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const byTestId = (id: string) => open.chat.frame.getByTestId(id)
  const done = async (turn: FakeTurn, words: string): Promise<void> => {
    await turn.answer(words)
    await open.chat.says(words)
    await open.chat.settled()
  }

  it('go along, with an agent that is picked by keyboard and asked by its own model and tools', async () => {
    const { chat, fakes } = open
    await chat.frame.locator('[data-testid=agent-button]').focus()
    await open.workbench.page.keyboard.press('Enter')
    await chat.frame.locator('[data-agent="workspace:reviewer"]').waitFor()
    await open.workbench.page.keyboard.type('revi')
    await open.workbench.page.keyboard.press('Enter')
    await chat.frame.locator('[data-testid=agent-button][title*=Reviewer]').waitFor()
    await chat.frame.locator('[data-testid=model-button][title$="from agent Reviewer"]').waitFor()
    const turn = await chat.ask(fakes.anthropic, 'Review it')
    const request = sent(turn)
    assert.equal(request.model, 'claude-sonnet-4-5')
    assert.match(systemOf(request), /You review and change nothing\.[^]*file="AGENTS\.md">\nUse tabs, never spaces\./)
    const names = (request.tools ?? []).map(({ name }) => name)
    assert.deepEqual(
      [names.includes('read_file'), names.includes('edit_file'), names.includes('run_command')],
      [true, false, false],
    )
    await done(turn, 'It is fine.')
    await chat.footer.getByText('Reviewer').waitFor()
    assert.match((await chat.footer.locator('.facts').getAttribute('title')) ?? '', /Instructions: AGENTS\.md/)
  })

  it('are what their files say once these changed', async () => {
    const { chat, fakes } = open
    write(
      '.github/agents/reviewer.agent.md',
      FILES['.github/agents/reviewer.agent.md'].replace('change nothing', 'change all'),
    )
    write('CLAUDE.md', 'Be brief.')
    await chat.frame.locator('[data-testid=agent-button]').click()
    await byTestId('show-instructions').getByText('2 instruction files').waitFor()
    await open.workbench.page.keyboard.press('Escape')
    const turn = await chat.ask(fakes.anthropic, 'Once more')
    assert.match(systemOf(sent(turn)), /You review and change all\.[^]*Be brief\./)
    await done(turn, 'Done.')
  })

  it('open as text, where a mistake in a header is marked', async () => {
    const { chat, workbench } = open
    write('.github/agents/broken.agent.md', '---\nmodel: {}\n---\nx')
    await byTestId('agent-button').click()
    const row = chat.frame.locator('[data-agent="workspace:broken"]')
    await row.getByText('“model” has to be').waitFor()
    await row.hover()
    await byTestId('edit-agent').click()
    await workbench.page.locator('.tab.active', { hasText: 'broken.agent.md' }).waitFor()
    await workbench.page.locator('.editor-instance .squiggly-warning').first().waitFor()
  })

  it('begin as a template, written with the help of the editor, and are offered once they are saved', async () => {
    const { page } = open.workbench
    await byTestId('agent-button').click()
    await byTestId('new-agent').click()
    const rows = page.locator('.quick-input-list .monaco-list-row')
    await rows.filter({ hasText: 'In this workspace' }).waitFor()
    await page.keyboard.press('Enter')
    const input = page.locator('.quick-input-widget input.input')
    await page.locator('.quick-input-title', { hasText: /^New Agent$/ }).waitFor()
    await input.fill('Master Planner')
    await page.keyboard.press('Enter')
    await page.locator('.tab.active', { hasText: 'Master-Planner.agent.md' }).waitFor()
    const file = path.join(folder, 'workspace/.github/agents/Master-Planner.agent.md')
    assert.match(readFileSync(file, 'utf8'), /^---\nname: "Master Planner"\n/)
    // Below the name: a field, and what may stand in it.
    await page.locator('.editor-instance .view-line', { hasText: 'Master Planner' }).click()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('panel')
    await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'panelist' }).first().waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.type('thin')
    await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'thinking' }).first().waitFor()
    await page.keyboard.press('Tab')
    await page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'medium' }).first().waitFor()
    await page.keyboard.type('low')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+S')
    await byTestId('agent-button').click()
    await open.chat.frame.locator('[data-agent="workspace:Master-Planner"]').getByText('thinking low').waitFor()
    await open.chat.frame.getByTestId('agent-search').press('Escape')
  })

  it('are all opened from one list', async () => {
    const { page } = open.workbench
    await byTestId('agent-button').click()
    await byTestId('configure-agents').click()
    const rows = page.locator('.quick-input-list .monaco-list-row')
    await rows.filter({ hasText: 'Reviewer' }).waitFor()
    await page.locator('.quick-input-widget input.input').fill('AGENTS.md')
    await rows.filter({ hasText: 'AGENTS.md' }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.tab.active', { hasText: 'AGENTS.md' }).waitFor()
  })

  it('take up what was chosen beside an agent, as an edit of its file', async () => {
    const { chat, workbench } = open
    await byTestId('model-button').click()
    await byTestId('model-search').fill('haiku')
    await byTestId('model-search').press('Enter')
    await chat.frame
      .locator('[data-testid=model-button][title*="instead of claude-sonnet-4-5 of agent Reviewer"]')
      .waitFor()
    await byTestId('agent-button').click()
    await byTestId('keep-in-agent').click()
    await workbench.page.locator('.tab.active', { hasText: 'reviewer.agent.md' }).waitFor()
    await workbench.page.locator('.editor-instance .view-lines').getByText('anthropic/claude-haiku-4-5').waitFor()
    await workbench.page.keyboard.press('Control+S')
    await chat.frame.locator('[data-testid=model-button][title$="from agent Reviewer"]').waitFor()
  })

  it('answer to a prompt that is called by its name and filled in', async () => {
    const { chat, fakes, workbench } = open
    await chat.composer.click()
    await chat.composer.pressSequentially('/expl')
    await byTestId('suggestion').first().getByText('/explain').waitFor({ timeout: 20_000 })
    await chat.composer.press('Enter')
    const form = byTestId('argument-form')
    await form.getByRole('combobox').fill('a ring buffer')
    await form.getByRole('button', { name: 'Use' }).click()
    await form.waitFor({ state: 'detached' })
    assert.equal(await chat.composer.inputValue(), 'Explain a ring buffer to me.')
    await workbench.page.keyboard.press('Enter')
    await done(await fakes.anthropic.next(), 'It goes round.')
    assert.deepEqual(workbench.problems, [])
  })
})

describe('Agents and instructions of a workspace that is not trusted', () => {
  const { folder } = workspace()
  let open: OpenChat<'anthropic'>
  pictureFailures(() => open?.workbench)

  before(async () => {
    open = await openChat({
      folder,
      providers: { anthropic: 'anthropic' },
      choice: { provider: 'anthropic', model: 'claude-haiku-4-5' },
      trust: false,
    })
  })
  after(async () => {
    await open?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  it('are neither offered nor sent, and the picker says why', async () => {
    const { chat, fakes, workbench } = open
    await chat.frame.getByTestId('agent-button').click()
    await chat.frame.getByTestId('agents-untrusted').waitFor()
    assert.deepEqual(await chat.frame.locator('[data-agent] .name').allInnerTexts(), ['No agent'])
    assert.equal(await chat.frame.getByTestId('show-instructions').count(), 0)
    await workbench.page.keyboard.press('Escape')
    const turn = await chat.ask(fakes.anthropic, 'Hello')
    assert.equal(systemOf(sent(turn)), '')
    await turn.answer('Hi.')
    await chat.settled()
    assert.deepEqual(workbench.problems, [])
  })
})
