import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { persist } from '../../src/host/persist.ts'
import { BUSY_TIMEOUT } from '../../src/store/sqlite.ts'

describe('what is written once the database can be', () => {
  const log = { error: (): void => undefined }
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  it('holds the host up for a small part of the time, however much of it waits for another window’s lock', () => {
    const minutes = 5
    let held = 0
    let isLocked = true
    const written: number[] = []
    for (let one = 0; one < 4; one++) {
      const write = (): void => {
        if (isLocked) {
          held += BUSY_TIMEOUT
          throw Object.assign(new Error('database is locked'), { errcode: 5 })
        }
        written.push(one)
      }
      persist('a request record', write, log)
    }
    for (let second = 0; second < minutes * 60; second++) mock.timers.tick(1_000)
    assert.ok(held < (minutes * 60_000) / 4, `${held / 1000} s of ${minutes} minutes`)
    isLocked = false
    mock.timers.tick(60_000)
    assert.deepEqual(written, [0, 1, 2, 3])
  })
})
