import assert from 'node:assert/strict'
import { processTree } from '../harness/processes.ts'
import { startGateway } from './gateway.ts'
import { gateway } from './shared.ts'

describe('The gateway of the tests', () => {
  it('reaches for nothing outside this machine', () => {
    assert.deepEqual(gateway().outside, [])
  })

  it('ends with all its processes', async function () {
    this.timeout(150_000)
    const other = await startGateway()
    const tree = processTree(other.pid)
    assert.ok(tree.length > 0)
    await other[Symbol.asyncDispose]()
    assert.deepEqual(
      tree.flatMap(({ pid }) => processTree(pid)),
      [],
    )
    await assert.rejects(fetch(other.baseUrl))
  })
})
