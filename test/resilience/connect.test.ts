import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { withConnectTimeout } from '../../src/resilience/connect.ts'
import { FailureError } from '../../src/shared/failure.ts'

const url = (server: { address(): unknown }): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

describe('the limit on getting connected', () => {
  it('lets a connected server think for longer than the limit', async () => {
    const server = createServer((_, response) => void setTimeout(() => response.end('late'), 300)).listen(
      0,
      '127.0.0.1',
    )
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const response = await withConnectTimeout(fetch, 100)(url(server))
      assert.equal(await response.text(), 'late')
    } finally {
      server.close()
    }
  })

  it('ends an attempt that never gets as far as sending its request', async () => {
    // A TLS handshake with a server that says nothing never completes.
    const server = createTcpServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    try {
      const attempt = withConnectTimeout(fetch, 150)(url(server).replace('http:', 'https:'))
      await assert.rejects(attempt, (error: unknown) => {
        assert.ok(error instanceof FailureError)
        assert.equal(error.failure.code, 'timeout')
        assert.match(error.failure.message, /panelist\.timeouts\.connect/)
        return true
      })
    } finally {
      server.close()
    }
  })

  it('keeps the caller’s own abort working', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    try {
      await assert.rejects(withConnectTimeout(fetch, 5000)(url(server), { signal: controller.signal }), {
        name: 'AbortError',
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
