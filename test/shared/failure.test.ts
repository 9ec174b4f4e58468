import assert from 'node:assert/strict'
import { FailureError, actionsFor } from '../../src/shared/failure.ts'
import type { FailureCode } from '../../src/shared/failure.ts'

describe('a failure thrown as an error', () => {
  it('is known as one by another copy of the class, as every lazily loaded bundle has its own', async () => {
    const url = new URL('../../src/shared/failure.ts?copy', import.meta.url)
    const copy = (await import(url.href)) as { FailureError: typeof FailureError }
    assert.notEqual(copy.FailureError, FailureError)
    assert.ok(new copy.FailureError({ code: 'timeout', message: '' }) instanceof FailureError)
    assert.equal(new Error('other') instanceof FailureError, false)
  })
})

describe('the actions of a failure', () => {
  it('begin with what helps most', () => {
    const first = (code: FailureCode) => actionsFor({ code, message: '' })[0]
    assert.equal(first('auth'), 'set-key')
    assert.equal(first('not-found'), 'select-model')
    assert.equal(first('network'), 'retry')
  })
})
