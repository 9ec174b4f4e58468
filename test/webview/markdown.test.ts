import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { Rig } from './harness/browser.ts'
import { ANSWER, HOSTILE } from './harness/texts.ts'

describe('an answer that grows', () => {
  let rig: Rig
  let page: Page

  before(async function () {
    this.timeout(60_000)
    rig = await Rig.start()
    page = await rig.lab()
  })
  after(async () => {
    await rig.close(page)
    await rig.stop()
  })

  it('looks as if it had been drawn at once, however its text was cut', async function () {
    this.timeout(120_000)
    const failure = await page.evaluate(() => {
      const { fc, MarkdownRenderer } = window.lab
      const line = fc.constantFrom(
        ...[
          'word',
          'two *words*',
          '**bold',
          'a `code` b',
          '',
          '',
          '- item',
          '- [x] done',
          '* other',
          '  - inner',
          '   text',
        ],
        ...[
          '1. one',
          '2. two',
          '3) three',
          '    indented',
          '> quote',
          '> - listed',
          '| a | b |',
          '|---|--:|',
          '| 1 | 2 |',
        ],
        ...[
          '```ts',
          '```',
          '~~~~',
          '  ```',
          '   ```js',
          '# head',
          '## head ##',
          '---',
          '***',
          '===',
          '[ref]: /url',
          'see [ref]',
        ],
        ...[
          '<b>html</b>',
          'https://example.com',
          '![i](x.png)',
          '\\* not',
          '&amp; &lt;',
          '\tx',
          '-',
          '1.',
          '10. ten',
          '+ plus',
        ],
        ...[
          '      deep',
          ' - one in',
          '  * two in',
          '[x](javascript:1)',
          'a  ',
          'a\\',
          '| c',
          '日本語。',
          '👩‍💻',
          '- ```sh',
          '  ```',
        ],
        ...['- # head', '1. | a | b |', '- | a | b |\n  |--|--|\n  | 1 | 2 |'],
      )
      const text = fc.array(line, { maxLength: 24 }).map((lines) => lines.join('\n'))
      const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })
      const result = fc.check(
        fc.property(text, sizes, fc.boolean(), (source, cuts, newline) => {
          const whole = newline ? `${source}\n` : source
          const grown = document.createElement('div')
          const renderer = new MarkdownRenderer(grown)
          for (let end = 0, at = 0; end < whole.length; at++) {
            end += cuts[at % cuts.length]!
            renderer.update(whole.slice(0, end))
          }
          renderer.finish(whole)
          const once = document.createElement('div')
          new MarkdownRenderer(once).finish(whole)
          grown.normalize()
          once.normalize()
          if (!grown.isEqualNode(once)) throw new Error(`grown: ${grown.innerHTML}\nonce:  ${once.innerHTML}`)
        }),
        { numRuns: 6000 },
      )
      return result.failed ? `${JSON.stringify(result.counterexample)}\n${String(result.errorInstance)}` : ''
    })
    assert.equal(failure, '')
  })

  it('never touches what is settled again', async () => {
    const touched = await page.evaluate((text) => {
      const root = document.createElement('div')
      document.body.append(root)
      const renderer = new window.lab.MarkdownRenderer(root)
      renderer.update(`${text}\n\nA paragraph after it.\n\nAnother`)
      const settled = [...root.children].slice(0, -1)
      const seen: string[] = []
      const observer = new MutationObserver((records) => {
        for (const { target } of records) if (settled.some((node) => node.contains(target))) seen.push(target.nodeName)
      })
      observer.observe(root, { subtree: true, childList: true, characterData: true, attributes: true })
      for (let end = 0; end <= text.length; end += 3)
        renderer.update(`${text}\n\nA paragraph after it.\n\nAnother${text.slice(0, end)}`)
      for (const { target } of observer.takeRecords())
        if (settled.some((node) => node.contains(target))) seen.push(target.nodeName)
      observer.disconnect()
      root.remove()
      return seen
    }, ANSWER)
    assert.deepEqual(touched, [])
  })

  for (const [name, part] of [
    ['list', '- another item of the same list, with **some** words\n'],
    ['table', '| a cell | another cell with `code` |\n'],
    ['code block', 'const value = compute(1, 2, 3) // one more line\n'],
    ['row of paragraphs', 'A paragraph of about the usual length, with a few words in it.\n\n'],
  ] as const) {
    it(`costs the same for each piece however long its ${name} already is`, async function () {
      this.timeout(60_000)
      const counts = await page.evaluate(
        ([kind, piece]) => {
          const head =
            { list: '', table: '| a | b |\n|---|---|\n', 'code block': '```ts\n', 'row of paragraphs': '' }[kind] ?? ''
          const root = document.createElement('div')
          document.body.append(root)
          const renderer = new window.lab.MarkdownRenderer(root)
          let text = head
          const nodes: number[] = []
          const parse = window.lab.parsed
          for (let index = 0; index < 2000; index++) {
            text += piece
            const before = parse.characters
            renderer.update(text)
            nodes.push(parse.characters - before)
          }
          root.remove()
          return { early: Math.max(...nodes.slice(10, 110)), late: Math.max(...nodes.slice(-100)) }
        },
        [name, part] as const,
      )
      assert.equal(counts.late, counts.early)
      assert.ok(counts.late < 8 * part.length + 100, `${counts.late} characters parsed for ${part.length} new ones`)
    })
  }

  it('lets nothing of a hostile answer run, load or lead anywhere', async () => {
    const found = await page.evaluate((text) => {
      const root = document.createElement('div')
      document.body.append(root)
      const renderer = new window.lab.MarkdownRenderer(root)
      for (let end = 1; end <= text.length; end++) renderer.update(text.slice(0, end))
      renderer.finish(text)
      const bad = [...root.querySelectorAll('*')].filter(
        (node) =>
          /^(script|img|svg|iframe|style|object|embed|form)$/i.test(node.tagName) ||
          [...node.attributes].some(({ name }) => /^(on|href$|src$|style$)/i.test(name)),
      )
      const links = [...root.querySelectorAll('[data-href]')].map((node) => node.getAttribute('data-href') ?? '')
      root.remove()
      return { bad: bad.map((node) => node.outerHTML), links, hacked: 'hacked' in window }
    }, HOSTILE)
    assert.deepEqual(found.bad, [])
    assert.equal(found.hacked, false)
    assert.deepEqual(
      found.links.filter((link) => !/^https:/.test(link)),
      [],
    )
  })

  it('colours a code block once its fence has closed', async () => {
    const marks = await page.evaluate(async () => {
      const root = document.createElement('div')
      document.body.append(root)
      const renderer = new window.lab.MarkdownRenderer(root)
      renderer.update('```ts\nconst a = "x"\n')
      await window.lab.highlighted()
      const before = root.querySelectorAll('.hljs-keyword').length
      renderer.update('```ts\nconst a = "x"\n```\n')
      await window.lab.highlighted()
      const after = root.querySelectorAll('.hljs-keyword').length
      const text = root.querySelector('code')?.textContent
      root.remove()
      return { before, after, text }
    })
    assert.deepEqual(marks, { before: 0, after: 1, text: 'const a = "x"' })
  })
})
