import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { editFile } from '../../../src/tools/built-in/files/edit-file.ts'
import { applyChanges, changesFor, EditsRefused, inverse } from '../../../src/tools/built-in/files/replacements.ts'
import { writeFile } from '../../../src/tools/built-in/files/write-file.ts'
import type { Json } from '../../../src/shared/json.ts'
import type { Tool } from '../../../src/tools/tool.ts'
import { call } from './calls.ts'
import { FolderWorkspace, MemoryWorkspace } from './workspaces.ts'

const edited = (text: string, ...edits: { oldText: string; newText: string; all?: boolean }[]): string =>
  applyChanges(text, changesFor(text, edits))
const refused = (text: string, edits: { oldText: string; newText: string; all?: boolean }[], why: RegExp) =>
  assert.throws(
    () => changesFor(text, edits),
    (error: Error) => error instanceof EditsRefused && why.test(error.message),
  )

describe('exact-match edits', () => {
  it('replace what stands once, or everywhere where all is asked for', () => {
    assert.equal(edited('one two three', { oldText: 'two', newText: '2' }), 'one 2 three')
    assert.equal(edited('a b a', { oldText: 'a', newText: 'aa', all: true }), 'aa b aa')
    assert.equal(edited('a\nb\nc\n', { oldText: 'b\n', newText: '' }), 'a\nc\n')
    assert.equal(edited('$1 x', { oldText: 'x', newText: '$& $1' }), '$1 $& $1', 'nothing in new_text is a pattern')
  })

  it('happen together, each looked for in the file as it was', () => {
    const both = [
      { oldText: 'two', newText: 'one' },
      { oldText: 'one', newText: 'two' },
    ]
    assert.equal(edited('one two', ...both), 'two one')
  })

  it('match whichever line breaks the file has, and write its own', () => {
    assert.equal(edited('a\r\nb\r\nc\r\n', { oldText: 'a\nb', newText: 'x\ny\nz' }), 'x\r\ny\r\nz\r\nc\r\n')
    assert.equal(edited('a\nb\n', { oldText: 'a\r\nb', newText: 'x\r\ny' }), 'x\ny\n')
    assert.equal(edited('a\r\nb\nc\r\n', { oldText: 'b', newText: 'B' }), 'a\r\nB\nc\r\n', 'a mixed file stays mixed')
  })

  it('that are not found say what is there instead', () => {
    const file = 'function f() {\n    return 1\n}\n\nfunction g() {\n    return 2\n}\n'
    refused(
      file,
      [{ oldText: 'function f() {\n  return 1\n}', newText: '' }],
      /blanks or indentation.*Lines 1 to 3 .*\n {4}return 1/s,
    )
    refused(file, [{ oldText: '2\t    return 1', newText: '' }], /line numbers, which are no part/)
    refused(
      file,
      [{ oldText: 'function g() {\n    return 3\n}', newText: '' }],
      /nearest lines.*Lines 5 to 7.*return 2/s,
    )
    refused(file, [{ oldText: 'class Nothing', newText: '' }], /not in the file, nor anything like it/)
    refused('say "hi"', [{ oldText: 'say “hi”', newText: '' }], /typographic quotes/)
    refused(
      'a b',
      [
        { oldText: 'a', newText: 'new text' },
        { oldText: 'new text', newText: 'c' },
      ],
      /Edit 2: .*what an earlier edit would write/,
    )
  })

  it('that stand in several places say in which lines', () => {
    refused('x\ny\nx\n', [{ oldText: 'x', newText: 'z' }], /stands in 2 places \(lines 1, 3\).*"all": true/)
  })

  it('that overlap, change nothing or look for nothing are refused, all told at once', () => {
    const overlapping = [
      { oldText: 'one two', newText: 'a' },
      { oldText: 'two three', newText: 'b' },
      { oldText: 'same', newText: 'same' },
      { oldText: '', newText: 'b' },
    ]
    refused(
      'one two three same',
      overlapping,
      /Edit 3: .*the same[\s\S]*Edit 4: .*empty[\s\S]*Edits 1 and 2 touch the same text/,
    )
  })

  it('are taken back to the very same text, whatever they change', () => {
    const line = fc.constantFrom('', 'a', 'b', 'ab', '  a', '\ta', 'é', '😀', 'a\u0301', '…')
    const breaks = fc.constantFrom('\n', '\r\n')
    const text = fc
      .array(fc.tuple(line, breaks), { maxLength: 20 })
      .map((lines) => lines.map(([words, end]) => words + end).join(''))
    const edit = fc.record({
      oldText: fc.constantFrom('a', 'b', 'a\n', '\nb', 'ab\n', '😀', '\n'),
      newText: fc.string(),
      all: fc.boolean(),
    })
    let made = 0
    fc.assert(
      fc.property(text, fc.array(edit, { minLength: 1, maxLength: 3 }), (before, edits) => {
        let changes
        try {
          changes = changesFor(before, edits)
        } catch (error) {
          assert.ok(error instanceof EditsRefused)
          return
        }
        made++
        const after = applyChanges(before, changes)
        assert.equal(applyChanges(after, inverse(before, changes)), before)
        // What no edit touched is as it was, and no line break was parted.
        for (const { start, end } of changes) {
          assert.ok(!(before[start - 1] === '\r' && before[start] === '\n'), 'starts inside of a line break')
          assert.ok(!(before[end - 1] === '\r' && before[end] === '\n'), 'ends inside of a line break')
        }
        if (!before.includes('\r\n') && !edits.some(({ newText }) => newText.includes('\r')))
          assert.ok(!after.includes('\r'))
      }),
      { numRuns: 1000 },
    )
    assert.ok(made > 100, `only ${made} edits fitted`)
  })
})

describe('tools that write', () => {
  let folder: string
  let workspace: FolderWorkspace
  const at = (name: string): string => path.join(folder, name)
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-edits-')))
    workspace = new FolderWorkspace(folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const encodings: Record<string, (text: string) => Buffer> = {
    'UTF-8': (text) => Buffer.from(text),
    'UTF-8 with a byte order mark': (text) => Buffer.from(`\ufeff${text}`),
    'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  }
  for (const [name, encode] of Object.entries(encodings)) {
    it(`keep ${name} and the line endings, and are taken back to the same bytes`, async () => {
      for (const end of ['\n', '\r\n']) {
        const original = encode(`één${end}twee${end}drie${end}`)
        writeFileSync(at('a.txt'), original)
        const edit = { path: 'a.txt', edits: [{ old_text: 'twee\ndrie', new_text: '2\n3\n4' }] }
        const { failed, text } = await call(editFile(workspace), edit)
        assert.equal(failed, false, text)
        assert.deepEqual(readFileSync(at('a.txt')), encode(`één${end}2${end}3${end}4${end}`))
        await workspace.undo()
        assert.deepEqual(readFileSync(at('a.txt')), original)
        await call(writeFile(workspace), { path: 'a.txt', content: 'één\nnew\ndrie\n' })
        assert.deepEqual(readFileSync(at('a.txt')), encode(`één${end}new${end}drie${end}`))
        await workspace.undo()
        assert.deepEqual(readFileSync(at('a.txt')), original)
      }
    })
  }

  it('show the whole file before and after, and nothing is written until they run', async () => {
    writeFileSync(at('a.txt'), 'one\r\ntwo\r\n')
    const input = { path: 'a.txt', edits: [{ old_text: 'two', new_text: '2' }] }
    const preview = await editFile(workspace).preview!(input, { signal: new AbortController().signal })
    assert.deepEqual(preview, { kind: 'edits', files: [{ path: 'a.txt', before: 'one\ntwo\n', after: 'one\n2\n' }] })
    assert.equal(readFileSync(at('a.txt'), 'utf8'), 'one\r\ntwo\r\n')
    const made = await writeFile(workspace).preview!(
      { path: 'new/b.txt', content: 'x' },
      { signal: new AbortController().signal },
    )
    assert.deepEqual(made, { kind: 'edits', files: [{ path: 'new/b.txt', after: 'x' }] })
  })

  it('write nothing else than what was shown: a file that changed since is left alone', async () => {
    const calls: [Tool, Json][] = [
      [editFile(workspace), { path: 'a.txt', edits: [{ old_text: 'two', new_text: '2' }] }],
      [writeFile(workspace), { path: 'a.txt', content: 'all new' }],
    ]
    for (const [tool, input] of calls) {
      writeFileSync(at('a.txt'), 'one two')
      await tool.preview!(input, { signal: new AbortController().signal })
      writeFileSync(at('a.txt'), 'rm -rf two')
      const context = {
        signal: new AbortController().signal,
        callId: '',
        conversation: '',
        onOutput() {},
        onProgress() {},
      }
      await assert.rejects(tool.run(input, context), /changed after the edit was shown/)
      assert.equal(readFileSync(at('a.txt'), 'utf8'), 'rm -rf two')
    }
  })

  it('write to no other file than was shown: a link that leads elsewhere by now is refused', async () => {
    mkdirSync(at('one'))
    mkdirSync(at('.git'))
    symlinkSync('one', at('link'))
    const tool = writeFile(workspace)
    const input = { path: 'link/config', content: 'x' }
    await tool.preview!(input, { signal: new AbortController().signal })
    rmSync(at('link'))
    symlinkSync('.git', at('link'))
    const context = {
      signal: new AbortController().signal,
      callId: '',
      conversation: '',
      onOutput() {},
      onProgress() {},
    }
    await assert.rejects(tool.run(input, context), /changed after the edit was shown/)
    assert.equal(existsSync(at('.git/config')), false)
  })

  it('change the buffer of an editor with unsaved changes, not the disk, and say so', async () => {
    const memory = new MemoryWorkspace({ 'a.txt': 'on disk' })
    memory.unsaved.set('memory:/project/a.txt', 'unsaved words')
    const { text } = await call(editFile(memory), { path: 'a.txt', edits: [{ old_text: 'words', new_text: 'text' }] })
    assert.match(text, /Edited a\.txt in 1 place\. It is not saved yet/)
    assert.equal(memory.unsaved.get('memory:/project/a.txt'), 'unsaved text')
    assert.equal(String(memory.files.get('a.txt')), 'on disk')
    const failed = await call(editFile(memory), { path: 'a.txt', edits: [{ old_text: 'on disk', new_text: 'x' }] })
    assert.match(failed.text, /a\.txt was not changed\. old_text is not in the file/)
  })

  it('make new files with their folders, and say what is wrong with the others', async () => {
    const made = await call(writeFile(workspace), { path: 'new/deep/a.txt', content: 'a\nb\n' })
    assert.equal(made.text, 'Made new/deep/a.txt (2 lines).')
    assert.equal(readFileSync(at('new/deep/a.txt'), 'utf8'), 'a\nb\n')
    const edits = [{ old_text: 'a', new_text: 'b' }]
    writeFileSync(at('picture.bin'), Buffer.from([1, 0, 2]))
    mkdirSync(at('folder'))
    for (const [tool, input, why] of [
      [
        editFile,
        { path: 'new/deep/A.ts', edits },
        /There is no new\/deep\/A\.ts.*holds a\.txt.*write_file makes new files/,
      ],
      [editFile, { path: 'picture.bin', edits }, /binary file/],
      [writeFile, { path: 'picture.bin', content: 'x' }, /binary file/],
      [writeFile, { path: 'folder', content: 'x' }, /is a folder/],
      [writeFile, { path: '../x', content: 'x' }, /leads out of the workspace/],
      [writeFile, { path: 'new/deep/a.txt', content: 'a\nb\n' }, /holds just that text already/],
    ] as const) {
      const { failed, text } = await call(tool(workspace), input)
      assert.ok(failed && why.test(text), text)
    }
  })
})

describe('edits of several files in one call', () => {
  let folder: string
  let workspace: FolderWorkspace
  const at = (name: string): string => path.join(folder, name)
  const content = (name: string): string => readFileSync(at(name), 'utf8')
  const signal = new AbortController().signal
  const context = { signal, callId: '', conversation: '', onOutput() {}, onProgress() {} }
  const both = (): Json => ({
    path: 'a.txt',
    edits: [
      { old_text: 'one', new_text: '1' },
      { path: 'src/b.txt', old_text: 'two', new_text: '2' },
      { old_text: 'three', new_text: '3' },
    ],
  })
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'panelist-edits-')))
    workspace = new FolderWorkspace(folder)
    mkdirSync(at('src'))
    writeFileSync(at('a.txt'), 'one three')
    writeFileSync(at('src/b.txt'), 'two')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('are shown by file, made in one step, and taken back in one', async () => {
    const input = both()
    assert.equal(editFile(workspace).describe(input), 'Edit a.txt and src/b.txt (3 edits)')
    const { text, preview } = await call(editFile(workspace), input)
    assert.deepEqual(preview, {
      kind: 'edits',
      files: [
        { path: 'a.txt', before: 'one three', after: '1 3' },
        { path: 'src/b.txt', before: 'two', after: '2' },
      ],
    })
    assert.equal(text, 'Edited a.txt in 2 places.\nEdited src/b.txt in 1 place.')
    assert.deepEqual([content('a.txt'), content('src/b.txt')], ['1 3', '2'])
    await workspace.undo()
    assert.deepEqual([content('a.txt'), content('src/b.txt')], ['one three', 'two'])
  })

  it('leave the files alone that the person rejected', async () => {
    const tool = editFile(workspace)
    const input = both()
    await tool.preview!(input, { signal })
    const { output } = await tool.run(input, { ...context, rejected: new Set(['a.txt']) })
    assert.deepEqual(output, [{ type: 'text', text: 'Edited src/b.txt in 1 place.' }])
    assert.deepEqual([content('a.txt'), content('src/b.txt')], ['one three', '2'])
  })

  it('happen in all of the files or in none, and all that is wrong is told at once', async () => {
    const input = {
      edits: [
        { path: 'a.txt', old_text: 'one', new_text: '1' },
        { path: 'a.txt', old_text: 'four', new_text: '4' },
        { path: 'src/b.txt', old_text: 'five', new_text: '5' },
      ],
    }
    const { failed, text } = await call(editFile(workspace), input)
    assert.ok(failed)
    assert.match(text, /a\.txt was not changed\. Edit 2: [\s\S]*src\/b\.txt was not changed\. Edit 3: /)
    assert.equal(content('a.txt'), 'one three')
    const missing = {
      edits: [
        { path: 'c.txt', old_text: 'a', new_text: 'b' },
        { path: '../d.txt', old_text: 'a', new_text: 'b' },
      ],
    }
    assert.match((await call(editFile(workspace), missing)).text, /leads out of the workspace/)
    const nowhere = {
      edits: [
        { path: 'a.txt', old_text: 'one', new_text: '1' },
        { old_text: 'a', new_text: 'b' },
      ],
    }
    assert.match((await call(editFile(workspace), nowhere)).text, /Edit 2 names no path/)
    writeFileSync(at('src/b.txt'), 'two')
    const changed = both()
    const tool = editFile(workspace)
    await tool.preview!(changed, { signal })
    writeFileSync(at('src/b.txt'), 'two by somebody else')
    await assert.rejects(tool.run(changed, context), /changed after the edit was shown/)
    assert.equal(content('a.txt'), 'one three', 'nor is the file that did not change')
  })

  it('of one file under two names are edits of one file', async () => {
    symlinkSync('a.txt', at('link.txt'))
    const input = {
      edits: [
        { path: 'a.txt', old_text: 'one', new_text: '1' },
        { path: 'link.txt', old_text: 'three', new_text: '3' },
      ],
    }
    const { preview, text } = await call(editFile(workspace), input)
    assert.deepEqual(preview, { kind: 'edits', files: [{ path: 'a.txt', before: 'one three', after: '1 3' }] })
    assert.equal(text, 'Edited a.txt in 2 places.')
  })

  it('never reach a file that was not shown: not by a link that led to one that was', async () => {
    mkdirSync(at('.git'))
    writeFileSync(at('.git/config'), 'three')
    symlinkSync('a.txt', at('link.txt'))
    const input = {
      edits: [
        { path: 'a.txt', old_text: 'one', new_text: '1' },
        { path: 'link.txt', old_text: 'three', new_text: 'evil' },
      ],
    }
    const tool = editFile(workspace)
    await tool.preview!(input, { signal })
    rmSync(at('link.txt'))
    symlinkSync('.git/config', at('link.txt'))
    await assert.rejects(tool.run(input, context), /changed after the edit was shown/)
    assert.deepEqual([content('a.txt'), content('.git/config')], ['one three', 'three'])
  })
})
