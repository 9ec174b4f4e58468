import assert from 'node:assert/strict'
import fc from 'fast-check'
import { helpAt, kindOf } from '../../../src/host/customisation/field-help.ts'
import { problemsOf } from '../../../src/host/customisation/problems.ts'

const known = { models: ['anthropic/claude-opus-4-5'], agents: [{ name: 'Reviewer' }], tools: ['read_file'] }
/** The place is where `|` stands. */
function at(text: string, kind: 'agent' | 'prompt' | 'instructions' = 'agent') {
  const lines = text.split('\n')
  const line = lines.findIndex((one) => one.includes('|'))
  const column = lines[line]!.indexOf('|')
  lines[line] = lines[line]!.replace('|', '')
  const help = helpAt(lines, line, column, kind, known)
  return help?.kind === 'fields' ? help.fields.map(({ name }) => name) : help?.values
}

describe('the help for whoever writes an agent', () => {
  it('names the fields that are not there yet', () => {
    assert.deepEqual(at('---\nname: x\nde|\n---\n'), [
      ...['description', 'argument-hint', 'tools', 'model', 'user-invocable', 'target', 'handoffs', 'panelist'],
    ])
    assert.deepEqual(at('---\n|\n---\n', 'instructions'), ['name', 'description', 'applyTo'])
    assert.equal(at('---\n|\n---\n', 'prompt')?.includes('agent'), true)
  })

  it('names Panelist’s own fields below their heading, and what may stand in them', () => {
    assert.deepEqual(at('---\npanelist:\n  budget: 1\n  |\n---\n'), [
      ...['provider', 'thinking', 'max-output-tokens', 'key-profile', 'context'],
    ])
    assert.deepEqual(at('---\npanelist:\n  thinking: |\n---\n'), ['off', 'low', 'medium', 'high'])
  })

  it('names models, tools and agents that are there', () => {
    assert.deepEqual(at('---\nmodel: |\n---\n'), ['anthropic/claude-opus-4-5'])
    assert.deepEqual(at('---\nmodel:\n  - |\n---\n'), ['anthropic/claude-opus-4-5'])
    assert.equal(at("---\ntools: ['read', |]\n---\n")?.includes('read_file'), true)
    assert.deepEqual(at('---\nagent: |\n---\n', 'prompt'), ['Reviewer'])
    assert.deepEqual(at('---\nhandoffs:\n  - label: a\n    agent: |\n---\n'), ['Reviewer'])
  })

  it('is silent outside of the header', () => {
    assert.equal(at('---\nname: x\n---\nText |'), undefined)
    assert.equal(at('|---\n---\n'), undefined)
    assert.equal(at('No header |'), undefined)
    assert.equal(at('---\nname: x\n---|\n'), undefined)
  })

  it('begins before the header has its end', () => {
    assert.equal(at('---\n|')?.includes('name'), true)
  })

  it('never throws, wherever the cursor stands', () => {
    const text = fc.array(fc.constantFrom('---', 'panelist:', '  thinking: ', '- ', 'x', ' ', "tools: ['", ''), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(text, fc.nat(9), fc.nat(20), (lines, line, column) => {
        const help = helpAt(lines, line, column, 'agent', known)
        assert.equal(help === undefined || help.kind === 'fields' || help.kind === 'values', true)
      }),
    )
  })

  it('knows the files by their endings', () => {
    const paths = ['/a/x.agent.md', 'x.chatmode.md', 'X.Prompt.MD', 'a.instructions.md', 'AGENTS.md', 'agent.md']
    assert.deepEqual(paths.map(kindOf), ['agent', 'agent', 'prompt', 'instructions', undefined, undefined])
  })

  it('says what is wrong with each kind of file', () => {
    assert.deepEqual(problemsOf('agent', '---\ntools: 3\n---\n'), [
      { line: 1, message: '“tools” has to be a text or a list of texts.' },
    ])
    assert.equal(problemsOf('prompt', '---\nmodel: {}\n---\n').length, 1)
    assert.equal(problemsOf('instructions', '---\napplyTo: 3\n---\n').length, 1)
    assert.deepEqual(problemsOf('instructions', '---\napplyTo: "**"\n---\nok'), [])
  })
})
