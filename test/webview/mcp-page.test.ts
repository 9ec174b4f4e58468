import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import type { McpPageView } from '../../src/shared/protocol.ts'
import { Rig } from './harness/browser.ts'
import { mcpServers } from './harness/mcp-servers.ts'

describe('the page of MCP servers', function () {
  this.timeout(30_000)
  let rig: Rig
  let page: Page

  before(async () => void (rig = await Rig.start()))
  after(() => rig.stop())
  afterEach(() => rig.close(page))

  const open = async (view: McpPageView = mcpServers(), width = 400): Promise<void> => {
    page = await rig.open('empty', { width })
    await page.evaluate((view) => void (window.host.scene.mcp = view), view)
    await page.evaluate(() => window.host.tell({ type: 'show', what: 'mcp' }))
    await page.getByTestId('mcp').waitFor()
    await page.getByTestId('add-mcp-server').or(page.getByTestId('mcp-none')).first().waitFor()
  }
  const card = (name: string) => page.locator(`[data-server="${name}"]`)
  const standing = (name: string) => card(name).getByTestId('standing').innerText()
  const offered = (name: string) => card(name).locator('.actions button').allInnerTexts()
  const actions = () => page.evaluate(() => window.host.requests('mcp-action'))

  it('says in words how each server stands, where it is configured and what it runs', async () => {
    await open()
    assert.equal(await standing('memory'), 'Ready, 2 tools')
    assert.equal(await standing('slow'), 'Starting…')
    assert.equal(await standing('broken'), 'Failed')
    assert.equal(await standing('remote'), 'Needs a sign-in')
    assert.equal(await standing('graph'), 'Waits for your approval')
    assert.equal(await standing('other'), 'Not allowed')
    assert.equal(await standing('rest'), 'Stopped')
    assert.equal(await standing('off'), 'Switched off')
    const text = await card('graph').innerText()
    for (const words of ['.mcp.json', 'npx -y server-graph']) assert.ok(text.includes(words), words)
    await page.getByTestId('mcp-configuration').getByText('is no JSON object').waitFor()
  })

  it('says of one that failed what failed, and shows the end of its standard error', async () => {
    await open()
    await card('broken').getByTestId('mcp-failure').getByText('ended with exit code 1').waitFor()
    assert.match(await card('broken').getByTestId('last-words').innerText(), /no such module\n {4}at <anonymous>/)
  })

  it('offers of each what helps there, and nothing else', async () => {
    await open()
    assert.deepEqual(await offered('memory'), ['Stop', 'Restart', 'Test', 'Edit', 'Remove…'])
    assert.deepEqual(await offered('broken'), ['Restart', 'Stop', 'Fill in again', 'Edit', 'Remove…'])
    assert.deepEqual(await offered('remote'), ['Sign in', 'Restart', 'Edit', 'Remove…'])
    assert.deepEqual(await offered('graph'), ['Review…', 'Edit'])
    assert.deepEqual(await offered('off'), ['Edit', 'Remove…'])
    await card('remote').getByRole('button', { name: 'Sign in remote' }).click()
    await card('graph').getByRole('button', { name: 'Review… graph' }).click()
    await card('memory').getByRole('switch').click()
    await card('off').getByRole('switch').click()
    assert.deepEqual(await actions(), [
      { action: 'sign-in', server: 'remote' },
      { action: 'start', server: 'graph' },
      { action: 'disable', server: 'memory' },
      { action: 'enable', server: 'off' },
    ])
  })

  it('offers to sign out where there is a sign-in', async () => {
    const view = mcpServers()
    for (const card of view.servers) if (['memory', 'rest'].includes(card.name)) card.signedIn = true
    await open(view)
    assert.deepEqual(await offered('memory'), ['Stop', 'Restart', 'Test', 'Sign out', 'Edit', 'Remove…'])
    assert.ok((await offered('rest')).includes('Sign out'))
    assert.ok(!(await offered('remote')).includes('Sign out'))
  })

  it('unfolds the tools of a server, with what each costs, and switches them one by one', async () => {
    await open()
    assert.equal(await page.getByTestId('mcp-tools').count(), 0)
    await card('memory').getByRole('button', { name: 'memory', exact: false }).first().click()
    const tool = (name: string) => card('memory').locator(`[data-tool=${name}]`)
    assert.deepEqual([await tool('read_graph').isChecked(), await tool('add_node').isChecked()], [true, false])
    await card('memory').getByText('≈120 tokens').waitFor()
    await card('memory').getByTestId('mcp-instructions').getByText('Read the graph before').waitFor()
    await tool('read_graph').uncheck()
    assert.deepEqual(await page.evaluate(() => window.host.requests('switch-mcp-tool')), [
      { server: 'memory', tool: 'read_graph', on: false },
    ])
  })

  it('shows a tool as it is where it could not be switched', async () => {
    await open()
    await page.evaluate(() => void window.host.failing.push('switch-mcp-tool'))
    await card('memory').getByRole('button', { name: 'memory', exact: false }).first().click()
    const tool = card('memory').locator('[data-tool=read_graph]')
    await tool.click()
    await page.getByTestId('mcp-problem').getByText('The switch-mcp-tool request failed.').waitFor()
    await page.waitForFunction(() => window.host.answering === 0)
    assert.equal(await tool.isChecked(), true)
  })

  it('adds a server and shows it unfolded with the focus on it', async () => {
    await open()
    await page.evaluate(() => void (window.host.scene.added = 'rest'))
    await page.getByTestId('add-mcp-server').click()
    await card('rest').getByText('Its tools are known once it runs.').waitFor()
    assert.equal(
      await page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-server]')?.dataset['server']),
      'rest',
    )
  })

  it('follows what the host tells, and says the end of a test to a screen reader', async () => {
    await open()
    const view = mcpServers()
    view.servers[0]!.test = { ok: true, text: 'Works: 2 tools, started in 0.3 s.', at: Date.now() }
    view.servers[1]!.state = 'ready'
    await page.evaluate((view) => void (window.host.scene.mcp = view), view)
    await page.evaluate(() => window.host.tell({ type: 'tools-changed' }))
    await card('slow').getByText('Ready, 0 tools').waitFor()
    await card('memory').getByRole('button', { name: 'Test memory' }).click()
    await page.getByRole('status').getByText('memory: Works: 2 tools').waitFor({ state: 'attached' })
  })

  it('says why models are told of no tool, and what it cannot do', async () => {
    await open({ servers: [], problems: [], whyNone: 'untrusted' })
    await page.getByTestId('mcp-none').getByText('not trusted').waitFor()
    assert.equal(await page.getByTestId('add-mcp-server').count(), 0)
    await rig.close(page)
    await open({ ...mcpServers(), whyNone: 'off' })
    await page.getByTestId('mcp-none').getByText('Tools are switched off').waitFor()
    await page.evaluate(() => void window.host.failing.push('mcp-action'))
    await card('rest').getByRole('button', { name: 'Start rest' }).click()
    await page.getByTestId('mcp-problem').getByText('The mcp-action request failed.').waitFor()
  })

  it('opens from the menu, fits a narrow panel and closes with Esc', async () => {
    page = await rig.open('empty', { width: 240 })
    await page.getByTestId('more').click()
    await page.getByRole('menuitem', { name: 'MCP servers' }).click()
    await card('memory').waitFor()
    const wide = await page.getByTestId('mcp').evaluate((element) => element.scrollWidth > element.clientWidth)
    assert.equal(wide, false)
    await page.keyboard.press('Escape')
    await page.getByTestId('mcp').waitFor({ state: 'detached' })
  })
})
