/** What the names of tools, models and globs in people's files come to. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { modelsNamed } from '../../../src/host/customisation/agent-models.ts'
import { globsOf, isForAll, finderOf } from '../../../src/host/customisation/globs.ts'
import { namedTools, unknownNames } from '../../../src/host/customisation/tool-names.ts'
import { worked } from '../../harness/steady.ts'
import { tool } from '../../harness/turn.ts'

const OURS = [
  ...['read_file', 'list_directory', 'find_files', 'search_text', 'document_symbols', 'find_references', 'diagnostics'],
  ...['write_file', 'edit_file', 'run_command', 'fetch_url', 'git_diff', 'git_log'],
]
const tools = [
  ...OURS.map((name) => tool({ name })),
  tool({ name: 'mcp_github_list', source: { kind: 'mcp', server: 'github' } }),
  tool({ name: 'mcp_github_edit', source: { kind: 'mcp', server: 'github' } }),
  tool({ name: 'mcp_search_find', source: { kind: 'mcp', server: 'search' } }),
  tool({ name: 'ext_run_tests', source: { kind: 'extension', label: 'Tests' } }),
]
const named = (...names: string[]): string[] => namedTools(tools, names).map(({ name }) => name)

describe('the tools that a file names', () => {
  it('are ours by VS Code’s names of sets and tools, old and new, and by Claude’s', () => {
    assert.deepEqual(named('edit'), ['write_file', 'edit_file'])
    assert.deepEqual(named('edit/editFiles'), named('editFiles'))
    assert.deepEqual(named('read/readFile'), ['read_file'])
    assert.deepEqual(named('Read', 'Bash'), [
      'read_file',
      'list_directory',
      'document_symbols',
      'diagnostics',
      'run_command',
    ])
    assert.deepEqual(named('execute/runInTerminal'), ['run_command'])
    assert.deepEqual(named('web/fetch'), ['fetch_url'])
    assert.deepEqual(named('search/usages'), ['find_references'])
    assert.deepEqual(named('changes'), ['git_diff', 'git_log'])
  })

  it('are ours, servers’ and extensions’ by their own names', () => {
    assert.deepEqual(named('search_text', 'mcp_github_list'), ['search_text', 'mcp_github_list'])
    assert.deepEqual(named('github/*'), ['mcp_github_list', 'mcp_github_edit'])
    assert.deepEqual(named('github/list'), ['mcp_github_list'])
    assert.deepEqual(named('github'), named('github/*'))
    assert.deepEqual(named('someone.tests/run_tests'), ['ext_run_tests'])
  })

  it('are never a server’s by the name of a set, nor ours by the name of a server', () => {
    assert.equal(named('search').includes('mcp_search_find'), false)
    assert.deepEqual(named('search/find'), ['mcp_search_find'])
    assert.deepEqual(named('github/edit'), ['mcp_github_edit'])
  })

  it('are all where there is no list, or a star; none where the list is empty or names nothing that is here', () => {
    assert.equal(namedTools(tools, undefined).length, tools.length)
    assert.equal(named('*').length, tools.length)
    assert.deepEqual([named(), named('vscode/askQuestions', 'agent', 'constructor', '__proto__')], [[], []])
    assert.deepEqual(unknownNames(tools, ['read', 'agent', 'github/*']), ['agent'])
  })

  it('are only ever fewer, in the order they had', () => {
    const name = fc.oneof(fc.constantFrom('read', 'edit', 'github/*', 'search', '*', ...OURS), fc.string())
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const left = namedTools(tools, names)
        assert.deepEqual(
          left,
          tools.filter((one) => left.includes(one)),
        )
      }),
    )
  })
})

describe('the model that a file names', () => {
  const known = [
    {
      provider: 'vscode',
      label: 'VS Code',
      editor: true,
      models: [{ id: 'copilot/claude', name: 'Claude Sonnet 4.5' }],
    },
    { provider: 'anthropic', label: 'Anthropic', models: [{ id: 'claude-sonnet-4-5', name: 'Claude Sonnet 4.5' }] },
    {
      provider: 'openrouter',
      label: 'OpenRouter',
      models: [
        { id: 'anthropic/claude-sonnet-4.5', name: 'Claude 4.5' },
        { id: 'openai/gpt-5', name: 'GPT-5' },
      ],
    },
  ]
  const first = (name: string, provider?: string) => modelsNamed(name, provider, known)[0]

  it('is known by its id, by what people call it, and with its vendor in brackets', () => {
    const sonnet = { provider: 'anthropic', model: 'claude-sonnet-4-5' }
    for (const name of [
      'claude-sonnet-4-5',
      'Claude Sonnet 4.5',
      'claude sonnet 4.5',
      'Claude Sonnet 4.5 (copilot)',
      'anthropic/claude-sonnet-4-5',
    ])
      assert.deepEqual(first(name), sonnet, name)
  })

  it('is the editor’s only where the person has none of their own, or where the file says so', () => {
    assert.deepEqual(modelsNamed('Claude Sonnet 4.5 (copilot)', undefined, known).at(-1)?.provider, 'vscode')
    assert.equal(first('Claude Sonnet 4.5 (VS Code)')?.provider, 'vscode')
  })

  it('is looked for under the provider before the slash, and as a whole where that has none', () => {
    assert.deepEqual(first('openai/gpt-5'), { provider: 'openrouter', model: 'openai/gpt-5' })
    assert.deepEqual(first('openrouter/openai/gpt-5'), { provider: 'openrouter', model: 'openai/gpt-5' })
    assert.deepEqual(first('anthropic/brand-new'), { provider: 'anthropic', model: 'brand-new' })
  })

  it('is any of the provider the file names, and nobody’s where no list has it', () => {
    assert.deepEqual(first('Claude Sonnet 4.5', 'anthropic'), { provider: 'anthropic', model: 'claude-sonnet-4-5' })
    assert.deepEqual(first('brand-new', 'anthropic'), { provider: 'anthropic', model: 'brand-new' })
    assert.equal(first('Nobody Has This'), undefined)
  })
})

describe('the files that instructions are for', () => {
  it('are named by globs with commas between, where braces hold commas of their own', () => {
    assert.deepEqual(globsOf('**/*.ts, src/*.{js,jsx},, a '), ['**/*.ts', 'src/*.{js,jsx}', 'a'])
    assert.equal(isForAll(globsOf('*.md,**')), true)
  })

  it('are found in any folder unless the glob begins at the root', () => {
    const matches = finderOf(['docs/*.md', '/top.txt', '*.py'])
    assert.deepEqual(
      ['docs/a.md', 'web/docs/a.md', 'docs/b/a.md', 'top.txt', 'a/top.txt', 'deep/down/x.py', '.hidden/x.py'].map(
        (one) => matches([one]) === 0,
      ),
      [true, true, false, true, false, true, true],
    )
  })

  it('are decided in no time, whatever the glob', () => {
    const evil = finderOf([`${'*a'.repeat(30)}b`, '+(+(a))', '(a+)+$', '['.repeat(200), `{${'a,'.repeat(300)}}`])
    const paths = ['a'.repeat(60)]
    evil(paths)
    const time = worked(() => evil(paths))
    assert.ok(time < 200, `${time} ms`)
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (glob, some) => {
        const place = finderOf(globsOf(glob))(some)
        assert.equal(place >= -1 && place < some.length, true)
      }),
    )
  })
})
