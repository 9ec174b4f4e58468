import assert from 'node:assert/strict'
import fc from 'fast-check'
import { excerpt, linesOf, stretch, WHOLE } from '../../src/host/context/parts.ts'
import { isSecret } from '../../src/shared/secret-names.ts'

describe('the parts of a big file', () => {
  const line = fc.oneof(
    { weight: 8, arbitrary: fc.string({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.constantFrom('const overflowGuard = 1', 'see overflowGuard', '') },
    { weight: 1, arbitrary: fc.string({ minLength: 3_000, maxLength: 9_000 }) },
  )
  const text = fc
    .tuple(fc.array(line, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 80 }))
    .map(([lines, times]) =>
      Array.from({ length: times }, () => lines)
        .flat()
        .join('\n'),
    )

  it('are lines of it under their numbers, and never more than there is room for', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', 'What is overflowGuard?', 'see this'), (whole, draft) => {
        const part = excerpt(whole, draft)
        if (whole.length <= WHOLE) return assert.deepEqual(part, { text: whole, words: '' })
        assert.ok(part.text.length < WHOLE, `${part.text.length}`)
        const lines = linesOf(whole)
        for (const piece of part.text.split(/(?:^|\n\n)(?=\[lines \d+-\d+\]\n)/).filter(Boolean)) {
          const [head = '', ...shown] = piece.split('\n')
          const [, from, to] = (/^\[lines (\d+)-(\d+)\]$/.exec(head) ?? []).map(Number)
          assert.ok(from && to && to <= lines.length, head)
          const original = lines.slice(from - 1, to)
          // A line that is too long on its own is cut.
          if (shown.length === 1 && shown[0]!.endsWith('…')) return
          assert.deepEqual(shown, original)
        }
        assert.ok(part.words.endsWith(`of ${lines.length.toLocaleString('en')}`), part.words)
      }),
      { numRuns: 60 },
    )
  })

  it('that were asked for by their numbers are those, as far as they are there', () => {
    assert.deepEqual(stretch('a\nb\nc', { from: 2, to: 9 }), { text: 'b\nc', words: 'lines 2-3 of 3' })
    assert.deepEqual(stretch('a\r\nb', { from: 2, to: 2 }), { text: 'b', words: 'line 2 of 2' })
    assert.deepEqual(stretch('a', { from: 7, to: 9 }), { text: 'a', words: 'line 1 of 1' })
  })
})

describe('names of secret files', () => {
  it('are those that hold keys and passwords as a rule, wherever and however they are written', () => {
    const secret = [
      '.env',
      '.env.production',
      'config/prod.env',
      '.ENV',
      '.npmrc',
      'id_rsa',
      'certs/server.PEM',
      'a.key',
    ]
    const more = [
      '.ssh/config',
      '.aws/credentials',
      'secrets.yaml',
      'C:\\Users\\ann\\.kube\\config',
      'terraform.tfstate',
    ]
    assert.deepEqual(
      [...secret, ...more].filter((name) => !isSecret(name)),
      [],
    )
  })

  it('are none that are made to be shown, or only sound alike', () => {
    const plain = [
      '.env.example',
      '.env.sample',
      'environment.ts',
      'src/keys.ts',
      'secret-names.ts',
      'README.md',
      'key.md',
    ]
    assert.deepEqual(plain.filter(isSecret), [])
  })
})
