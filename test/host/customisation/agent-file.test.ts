import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { parseAgent } from '../../../src/host/customisation/agent-file.ts'
import { readMarkdown, withFields } from '../../../src/host/customisation/front-matter.ts'
import { worked } from '../../harness/steady.ts'

const source = {
  id: 'workspace:reviewer',
  name: 'reviewer',
  place: 'workspace' as const,
  path: '.github/agents/reviewer.agent.md',
  uri: 'file:///project/.github/agents/reviewer.agent.md',
}
const agent = (text: string) => parseAgent(text, source)

const WHOLE = `---
name: Reviewer
description: 'Reads changes, and says what is wrong'
argument-hint: What to look at
tools: ['search', 'read/readFile', 'github/*']
model: ['Claude Opus 4.5', 'gpt-5 (copilot)']
panelist:
  provider: anthropic
  thinking: high
  max-output-tokens: 2000
  budget: 0.5
  key-profile: team
  context: summarise
handoffs:
  - label: Mend it
    agent: implementer
    prompt: Mend what you found.
    send: true
---

You review.

---
Not a header.
`

describe('the file of an agent', () => {
  it('says everything VS Code and Panelist know of an agent', () => {
    assert.deepEqual(agent(WHOLE), {
      ...source,
      name: 'Reviewer',
      description: 'Reads changes, and says what is wrong',
      hint: 'What to look at',
      prompt: 'You review.\n\n---\nNot a header.',
      tools: ['search', 'read/readFile', 'github/*'],
      models: ['Claude Opus 4.5', 'gpt-5 (copilot)'],
      provider: 'anthropic',
      thinking: 'high',
      maxOutputTokens: 2000,
      budget: 0.5,
      keyProfile: 'team',
      context: 'summarise',
      handoffs: [{ label: 'Mend it', agent: 'implementer', prompt: 'Mend what you found.', send: true }],
      problems: [],
    })
  })

  it('is read the same with Windows line ends and a byte order mark', () => {
    const windows = agent(`\uFEFF${WHOLE.replaceAll('\n', '\r\n')}`)
    assert.deepEqual({ ...windows, prompt: windows.prompt.replaceAll('\r\n', '\n') }, agent(WHOLE))
  })

  it('goes by its file where it has no header, and is then all prompt', () => {
    const { name, prompt, problems } = agent('You are terse.\n')
    assert.deepEqual({ name, prompt, problems }, { name: 'reviewer', prompt: 'You are terse.', problems: [] })
  })

  it('takes one model for a list of one, and the tools of Claude, which stand in one text', () => {
    const { models, tools } = agent('---\nmodel: GPT-5\ntools: Read, Grep,  Bash\n---\n')
    assert.deepEqual([models, tools], [['GPT-5'], ['Read', 'Grep', 'Bash']])
  })

  it('tells no tools from any tools', () => {
    assert.deepEqual(agent('---\ntools: []\n---\n').tools, [])
    assert.equal(agent('---\ntools:\n---\n').tools, undefined)
  })

  it('is not offered where it says so, or is meant for another place', () => {
    assert.equal(agent('---\nuser-invocable: false\n---\n').hidden, true)
    assert.equal(agent('---\ninfer: false\n---\n').hidden, true)
    assert.equal(agent('---\ntarget: github-copilot\n---\n').hidden, true)
    assert.equal(agent('---\ntarget: vscode\n---\n').hidden, undefined)
  })

  it('says what does not fit at the line where it stands, and takes the rest', () => {
    const wrong = agent(
      '---\nname: [a]\nmodel: {a: 1}\ndescription: fine\npanelist:\n  thinking: loud\n  budget: -1\n  colour: red\n---\nHi',
    )
    assert.deepEqual(wrong.problems, [
      {
        line: 7,
        message:
          'There is no field “panelist.colour”. Known are: provider, thinking, max-output-tokens, budget, key-profile, context.',
      },
      { line: 5, message: '“panelist.thinking” has to be one of: off, low, medium, high.' },
      { line: 6, message: '“panelist.budget” has to be a number above 0.' },
      { line: 1, message: '“name” has to be a text.' },
      { line: 2, message: '“model” has to be a text or a list of texts.' },
    ])
    assert.equal(wrong.description, 'fine')
    assert.equal(wrong.prompt, 'Hi')
  })

  it('is a problem, and no crash, where its header is broken', () => {
    for (const header of [
      'name: "open',
      'a: 1\n b: 2',
      '- list',
      'just words',
      '{',
      'a: *nowhere',
      '\t x: 1',
      'a: 1\na: 2',
    ]) {
      const { problems, prompt } = agent(`---\n${header}\n---\nStill here`)
      assert.equal(problems.length > 0, true, header)
      assert.equal(prompt, 'Still here', header)
    }
    assert.match(agent('---\nname: x\n').problems[0]?.message ?? '', /no end/)
  })

  it('does not unfold a header that repeats itself without end', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for (let at = 1; at < 9; at++) {
      const [letter, before] = [String.fromCharCode(97 + at), String.fromCharCode(96 + at)]
      bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${before}`).join(', ')}]`)
    }
    const time = worked(() => assert.equal(agent(`---\n${bomb.join('\n')}\n---\n`).problems.length, 1))
    assert.ok(time < 1_000, `${time} ms`)
  })

  it('takes no field from the prototype of an object', () => {
    assert.deepEqual(agent('---\n__proto__:\n  name: Evil\n---\n').name, 'reviewer')
    assert.equal(({} as { name?: string }).name, undefined)
  })

  it('never throws, whatever stands in the file', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, closed) => {
        const { problems, handoffs } = agent(`---\n${text}${closed ? '\n---\n' : ''}`)
        assert.equal(Array.isArray(problems) && Array.isArray(handoffs), true)
      }),
      { numRuns: 500 },
    )
  })
})

const name = fc
  .stringMatching(/^[a-z][a-z-]{0,8}$/)
  .filter((one) => !['null', 'true', 'false', 'y', 'n', 'on', 'off', 'yes', 'no'].includes(one))
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.dictionary(name, fc.string(), { maxKeys: 3, noNullPrototype: true }),
)

describe('writing a field of a file', () => {
  it('keeps every other field, whoever knows it, and the text', () => {
    const body = fc.string().filter((text) => !/^---/m.test(text) && !text.includes('\r') && text.trim() === text)
    const fields = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true })
    const style = fc.constantFrom(JSON.stringify, stringify)
    fc.assert(
      fc.property(fields, style, name, value, body, fc.boolean(), (known, write, changed, to, text, windows) => {
        const file = `---\n${write(known).trimEnd()}\n---\n${text}`
        const written = withFields(windows ? file.replaceAll('\n', '\r\n') : file, { [changed]: to })
        const read = readMarkdown(written)
        assert.deepEqual(read.problems, [])
        assert.deepEqual({ ...read.fields }, { ...known, [changed]: to })
        assert.equal(read.body.replaceAll('\r\n', '\n'), text.trim())
      }),
      { numRuns: 300 },
    )
  })

  it('keeps comments, the order, the kind of line ends and the mark at the start', () => {
    const before = '\uFEFF---\r\n# Who\r\nname: A # short\r\nhooks:\r\n  Stop: []\r\n---\r\nText\r\n'
    const after = withFields(before, { model: 'gpt-5', name: 'B' })
    assert.equal(
      after,
      '\uFEFF---\r\n# Who\r\nname: B # short\r\nhooks:\r\n  Stop: []\r\nmodel: gpt-5\r\n---\r\nText\r\n',
    )
  })

  it('changes nothing but the field, however the rest is laid out', () => {
    const rest = "tools: ['read',  'search']   # both\nhooks: {Stop: [ ]}\nlong: >-\n  folded\n  text\n"
    const file = (model: string, panelist: string) => `---\n${rest}model: ${model} # why\n${panelist}---\nText`
    const own = 'panelist:\n    budget: 1 # USD\n'
    assert.equal(withFields(file('a', own), { model: 'b/c' }), file('b/c', own))
    assert.equal(withFields(file('[a,   b]', own), { model: 'b/c' }), file('b/c', own))
    assert.equal(withFields(file('a', own), { 'panelist.budget': 2 }), file('a', own.replace('1', '2')))
    assert.equal(
      withFields(file('a', own), { 'panelist.thinking': 'low' }),
      file('a', own.replace('    budget', '    thinking: low\n    budget')),
    )
    assert.equal(withFields(file('a', ''), { 'panelist.thinking': 'low' }), file('a', 'panelist:\n  thinking: low\n'))
  })

  it('gives a header to a file that has none, and takes a field away', () => {
    const written = withFields('Hello\n', { name: 'A', model: 'm' })
    assert.equal(written, '---\nname: A\nmodel: m\n---\nHello\n')
    assert.deepEqual(parse(withFields(written, { model: undefined }).split('---\n')[1] ?? ''), { name: 'A' })
  })

  it('leaves a header alone that cannot be read', () => {
    assert.throws(() => withFields('---\nname: "open\n---\n', { name: 'A' }), /cannot be read/)
  })
})
