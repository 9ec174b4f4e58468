import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parsePrompt, resolvePrompt, splitArguments } from '../../../src/host/customisation/prompt-file.ts'

const source = {
  name: 'explain',
  place: 'workspace' as const,
  path: '.github/prompts/explain.prompt.md',
  uri: 'file:///x',
}
const prompt = (text: string) => parsePrompt(text, source)

describe('the file of a prompt', () => {
  it('says what VS Code’s prompt files say, in the older words too', () => {
    const whole = prompt(
      '---\ndescription: Explains\nagent: ask\nmodel: GPT-5\ntools: [search]\nargument-hint: what\n---\nGo.',
    )
    const { description, agent, models, tools, hint, body } = whole
    assert.deepEqual(
      [description, agent, models, tools, hint, body],
      ['Explains', 'ask', ['GPT-5'], ['search'], 'what', 'Go.'],
    )
    assert.equal(prompt('---\nmode: agent\n---\n').agent, 'agent')
    assert.equal(prompt('---\nname: make form\n---\n').name, 'make-form')
  })

  it('names each input once, in the order of the text', () => {
    assert.deepEqual(prompt('${input:b} ${input:a:what a is} ${input:b:later} ${selection}').inputs, [
      { name: 'b', placeholder: 'later' },
      { name: 'a', placeholder: 'what a is' },
    ])
  })

  it('becomes a message with values in their places, and leaves what nobody knows', () => {
    const text =
      '${input:name:who} ${selection} ${selectedText} ${file} ${fileBasename} ${nothing} ${toString} ${input:other}'
    const around = { selection: 'S', file: 'src/a.ts', fileBasename: 'a.ts' }
    assert.equal(
      resolvePrompt(prompt(text), { name: 'Ada' }, around, ' more '),
      'Ada S S src/a.ts a.ts ${nothing} ${toString} ${input:other}\n\nmore',
    )
  })

  it('never reads a value for places again', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, selection) => {
        const filled = resolvePrompt(prompt('[${input:name}][${selection}]'), { name }, { selection })
        assert.equal(filled, `[${name || '${input:name}'}][${selection}]`)
      }),
      {
        examples: [
          ['${selection}', '${input:name}'],
          ['$&', '$1'],
        ],
      },
    )
  })

  it('takes its inputs from what is typed behind its name, and keeps the rest', () => {
    const inputs = [{ name: 'name' }, { name: 'two' }]
    assert.deepEqual(splitArguments('name=Form for a=b two="some words" please', inputs), {
      inputs: { name: 'Form', two: 'some words' },
      extra: 'for a=b  please',
    })
    assert.deepEqual(splitArguments('just words', inputs), { inputs: {}, extra: 'just words' })
  })

  it('is a problem, and no crash, where its header is broken', () => {
    const { problems, body, inputs } = prompt('---\nmodel: [\n---\nUse ${input:x}')
    assert.deepEqual([problems.length > 0, body, inputs], [true, 'Use ${input:x}', [{ name: 'x' }]])
  })
})
