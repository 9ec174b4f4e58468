import assert from 'node:assert/strict'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'

describe('Panelist in a real VS Code', () => {
  let workbench: Workbench

  before(async () => {
    workbench = await openWorkbench()
  })

  after(async () => {
    await workbench?.close()
  })

  it('shows a composer that takes text when its view is opened', async () => {
    const panel = await workbench.openPanel()
    const composer = panel.getByTestId('composer')
    await composer.fill('Hello')
    assert.equal(await composer.inputValue(), 'Hello')
  })

  it('causes no console error, no exception and no CSP violation', () => {
    assert.deepEqual(workbench.problems, [])
  })
})
