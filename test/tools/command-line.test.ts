import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { plainCommand, shellKindOf } from '../../src/tools/command-line.ts'

describe('A plain command', () => {
  it('is the words that a shell would run', () => {
    const words: [string, string[]][] = [
      ['git status', ['git', 'status']],
      ['  git   status\t--short ', ['git', 'status', '--short']],
      [`git commit -m 'it is "so" $x \`y\` \\ !'`, ['git', 'commit', '-m', 'it is "so" $x `y` \\ !']],
      [`grep -r "a|b; c > d" src`, ['grep', '-r', 'a|b; c > d', 'src']],
      [`printf '' "" a`, ['printf', '', '', 'a']],
      [`npm test -- --grep "it's"`, ['npm', 'test', '--', '--grep', "it's"]],
      ['node --max=4 ./a.js user@host:x,y+z', ['node', '--max=4', './a.js', 'user@host:x,y+z']],
      ['cat größe.txt', ['cat', 'größe.txt']],
      [`a"b"'c'`, ['abc']],
    ]
    for (const [line, expected] of words) assert.deepEqual(plainCommand(line, 'posix'), expected, line)
  })

  const smuggled = [
    ...[
      'git status && curl x',
      'git status; curl x',
      'git status | sh',
      'git status || x',
      'git status & x',
      'git status &',
    ],
    ...['git status\ncurl x', 'git status\rcurl x', 'git status\r\ncurl x', 'git status\u2028curl x', 'git status\0x'],
    ...['git status $(curl x)', 'git status `curl x`', 'git status "$(curl x)"', 'git status "`x`"', 'git status <(x)'],
    ...[
      'git status > ~/.bashrc',
      'git status >> x',
      'git status 2>x',
      'git status < x',
      'git status >&2',
      'git status <<<x',
    ],
    ...[
      'git status <<EOF',
      'git status $HOME',
      'git status ${X}',
      'git status "$HOME"',
      "git status $'\\n'",
      'git $"x"',
    ],
    ...[
      'rm *',
      'rm ?.ts',
      'rm [ab]',
      'rm {a,b}',
      'rm ~',
      'rm ~/x',
      'rm a~',
      'rm !(a)',
      'echo !!',
      'echo "!!"',
      '^a^b^',
    ],
    ...['PATH=x git status', 'A=b', 'GIT_PAGER=sh git log', '"A"=b git', '=ls', 'git =ls', 'git status # x', '#x'],
    ...['(git status)', '{ git status; }', '! git status', 'git "a\\"b"', '[ -f x ]'],
    ...[
      'git "status',
      "git 'status",
      'git status\u001b[2K\rls',
      'git st\u200batus',
      'git \u202esutats',
      'git\u00a0status',
    ],
    ...[
      'git status\u3000x',
      'git％20',
      'git status；curl',
      'kill %1',
      '',
      '  ',
      '""',
      "'' x",
      'git \u{e0041}',
      'git \u3164',
    ],
    'x'.repeat(5_000),
  ]
  for (const shell of ['posix', 'powershell', 'cmd', 'other'] as const)
    it(`is none of these in ${shell}`, () => {
      const escaped = shell === 'posix' ? ['git\\ status', 'git stat\\us'] : []
      for (const line of [...smuggled, ...escaped])
        assert.equal(plainCommand(line, shell), undefined, JSON.stringify(line))
    })

  it('holds nothing that PowerShell or cmd read in their own way', () => {
    const own = [
      'git --% x',
      'dir %PATH%',
      'echo ^x',
      '& x',
      '@x',
      'a,b',
      "git 'status'",
      'git "status"',
      'x;y',
      '$x',
      '`x',
      '(x)',
    ]
    for (const shell of ['powershell', 'cmd'] as const) {
      for (const line of own) assert.equal(plainCommand(line, shell), undefined, line)
      assert.deepEqual(plainCommand('git status -s .\\src\\a.ts', shell), ['git', 'status', '-s', '.\\src\\a.ts'])
    }
  })

  it('cannot be told in a shell nobody knows', () => assert.equal(plainCommand('git status', 'other'), undefined))

  it('tells words apart that only look the same', () => {
    assert.notDeepEqual(plainCommand('gіt status', 'posix'), plainCommand('git status', 'posix'))
    assert.notDeepEqual(plainCommand('git Status', 'posix'), plainCommand('git status', 'posix'))
    assert.notDeepEqual(plainCommand('git "a b"', 'posix'), plainCommand('git a b', 'posix'))
  })

  it('is run by a real shell with exactly these words, whatever stands in the line', function () {
    this.timeout(60_000)
    const signs = [...'abZ09 -_./:=,@+"\'\\$`!|&;<>(){}[]*?~#%^\n\t', 'é', '\u00a0', ' ', ' ', "'", '"']
    const line = fc.array(fc.constantFrom(...signs), { maxLength: 12 }).map((all) => all.join(''))
    let compared = 0
    fc.assert(
      fc.property(fc.array(line, { minLength: 60, maxLength: 60 }), fc.constantFrom('sh', 'bash'), (lines, shell) => {
        // A function takes the place of the program, so that nothing runs.
        const plain = lines.flatMap((each) => {
          const words = plainCommand(`show ${each}`, 'posix')
          return words ? [{ words, line: `show ${each}` }] : []
        })
        const script = [
          'show() { for each; do printf "%s\\0" "$each"; done; printf "\\1\\0"; }',
          ...plain.map((each) => each.line),
        ].join('\n')
        const { stdout } = spawnSync(shell, ['-c', script], { encoding: 'utf8', cwd: '/', env: {} })
        const seen = stdout
          .split('\u0001\0')
          .slice(0, -1)
          .map((each) => each.split('\0').slice(0, -1))
        assert.deepEqual(
          seen,
          plain.map(({ words }) => words.slice(1)),
        )
        compared += plain.length
      }),
      { numRuns: 100 },
    )
    assert.ok(compared > 200, `${compared} lines were compared`)
  })
})

describe('A shell', () => {
  it('is known by its program', () => {
    const kinds = [
      '/bin/bash',
      'zsh',
      'C:\\Windows\\System32\\cmd.exe',
      'pwsh',
      'C:\\x\\PowerShell.EXE',
      '/usr/bin/fish',
      'nu',
      '',
    ]
    assert.deepEqual(kinds.map(shellKindOf), [
      'posix',
      'posix',
      'cmd',
      'powershell',
      'powershell',
      'other',
      'other',
      'other',
    ])
  })
})
