import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { processTree } from '../harness/processes.ts'
import { startGateway } from './gateway.ts'
import { gateway } from './shared.ts'

// The last of these files by name: by now the gateway has been asked everything.
describe('The gateway of the tests', () => {
  it('reached for nothing outside this machine', () => {
    assert.deepEqual(gateway().outside, [])
  })

  it('ends with all its processes and leaves no file', async function () {
    this.timeout(150_000)
    const other = await startGateway()
    const tree = processTree(other.pid)
    assert.ok(tree.length > 0)
    assert.ok(existsSync(other.folder))
    await other[Symbol.asyncDispose]()
    assert.deepEqual(
      tree.flatMap(({ pid }) => processTree(pid)),
      [],
    )
    assert.ok(!existsSync(other.folder))
    await assert.rejects(fetch(other.baseUrl))
  })
})
