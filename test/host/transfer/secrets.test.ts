import assert from 'node:assert/strict'
import { secretValues, serverSecrets } from '../../../src/host/transfer/secrets.ts'

describe('the secrets of the settings', () => {
  it('are what has the name of one, with and without the word before it', () => {
    assert.deepEqual(secretValues({ Authorization: 'Bearer abc123def', 'x-api-key': 'hush-hush' }), [
      'Bearer abc123def',
      'abc123def',
      'hush-hush',
    ])
  })

  it('are what nobody would write by chance, and no words, paths or references', () => {
    assert.deepEqual(
      secretValues({
        'x-team': 'engineering',
        'x-trace': '9f86d081884c7d659a2f',
        HOME: '/home/someone/with/0123456789',
        TOKEN: '${env:TOKEN}',
        count: 7,
      }),
      ['9f86d081884c7d659a2f'],
    )
  })

  it('are those of MCP servers too', () => {
    const servers = { a: { env: { GITHUB_TOKEN: 'ghp_x' } }, b: { headers: { Cookie: 'session=1' } }, c: 'none' }
    assert.deepEqual(serverSecrets(servers), ['ghp_x', 'session=1'])
    assert.deepEqual(serverSecrets(undefined), [])
  })
})
