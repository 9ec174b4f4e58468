import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { JsonObject } from '../../src/shared/json.ts'
import { promptsOf, toolsOf } from '../../src/mcp/lists.ts'
import { partsOfResult } from '../../src/mcp/results.ts'
import { clean, oneLine, visible } from '../../src/mcp/text.ts'
import { worked } from '../harness/steady.ts'

const block = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      type: fc.constantFrom('text', 'image', 'audio', 'resource', 'resource_link', 'other'),
      text: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      data: fc.oneof(fc.base64String(), fc.string(), fc.jsonValue()),
      mimeType: fc.constantFrom('image/png', 'image/svg+xml', 'text/html', 7),
      uri: fc.oneof(fc.string(), fc.jsonValue()),
      resource: fc.record({ uri: fc.string(), text: fc.string(), blob: fc.base64String() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ),
)

describe('a result', () => {
  it('becomes parts within the limits, whatever the server sends', () => {
    const result = fc.record({ content: fc.oneof(fc.array(block), fc.jsonValue()), structuredContent: fc.jsonValue() })
    fc.assert(
      fc.property(result, (sent) => {
        const parts = partsOfResult(JSON.parse(JSON.stringify(sent)) as JsonObject, { text: 50, files: 20 })
        const note = 200 // of each cut
        for (const part of parts) {
          if (part.type === 'text') {
            assert.ok(part.text.length <= 50 + note)
            assert.equal(part.text, clean(part.text))
          } else {
            assert.equal(part.media.url, undefined)
            assert.ok((part.media.data ?? '').length <= 28)
          }
        }
      }),
    )
  })

  it('and a prompt names each of its arguments once, as it is named first', () => {
    const [prompt] = promptsOf([
      { name: 'review', arguments: [{ name: 'branch', required: true }, { name: 'branch' }, { name: 'depth' }] },
    ])
    assert.deepEqual(prompt?.arguments, [
      { name: 'branch', required: true },
      { name: 'depth', required: false },
    ])
  })

  it('and a tool nested deeper than anything can walk are told of, not thrown over', () => {
    const deep = JSON.parse('{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000)) as JsonObject
    const [part] = partsOfResult({ structuredContent: deep })
    assert.ok(part?.type === 'text' && /nested too deep/.test(part.text))
    const dropped: string[] = []
    assert.deepEqual(
      toolsOf([{ name: 'deep', inputSchema: deep }], (why) => dropped.push(why)),
      [],
    )
    assert.deepEqual(dropped, ['The tool deep was left out: its definition is nested too deep.'])
  })

  it('never holds an address that something could follow by itself', () => {
    const links = ['image', 'audio'].map((type) => ({
      type,
      data: 'https://evil.example/a.png',
      mimeType: 'image/png',
    }))
    assert.ok(partsOfResult({ content: links }).every((part) => part.type === 'text'))
  })
})

describe('the text of a server', () => {
  it('keeps words, newlines and tabs, and loses what steers a terminal', () => {
    assert.equal(clean('a\tb\r\nc\u001b[31mred\u001b[0m\u001b]0;title\u0007\u0008\u009b'), 'a\tb\ncred')
    assert.equal(clean('é 漢字 👩‍💻'), 'é 漢字 👩‍💻')
  })

  it('shows all that it says', () => {
    assert.equal(visible('safe\u{e0068}\u{e0069} \u202etxt.exe'), 'safe txt.exe')
  })

  it('is one line where one line is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 50 }), (text, length) => {
        const line = oneLine(text, length)
        assert.ok(line.length <= length && !/[\n\r]/.test(line) && line.isWellFormed())
      }),
    )
  })

  it('of a megabyte is cleaned in no time', () => {
    const time = worked(() => {
      clean('\u001b]'.repeat(250_000) + '\u001b['.repeat(250_000))
      oneLine('x'.repeat(1_000_000))
    })
    assert.ok(time < 1_000, `${time} ms`)
  })
})
