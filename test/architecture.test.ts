import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { layers } from './harness/layers.ts'

const root = path.resolve(import.meta.dirname, '..')
const allowed = layers

type Import = { from: string; to: string; specifier: string }

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}

/** The script of a component, or the whole of a module. Type-only imports count like any other. */
function scriptOf(file: string): string {
  const text = readFileSync(path.join(root, file), 'utf8')
  if (!file.endsWith('.svelte')) return text
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
}

function importsOf(file: string): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g
  return [...scriptOf(file).matchAll(pattern)].map(([, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? ''
    const to = specifier.startsWith('.')
      ? path.relative(root, path.resolve(root, path.dirname(file), specifier))
      : specifier
    return { from: file, to, specifier }
  })
}

function roomOf(file: string): string {
  const [top, second] = file.split(path.sep)
  return top === 'src' ? (second ?? '') : (top ?? '')
}

const files = [...sourceFiles('src'), ...sourceFiles('webview')]
const imports = files.flatMap(importsOf)
const inside = imports.filter(({ specifier }) => specifier.startsWith('.'))

describe('the rooms of the source tree', () => {
  it('are the ones on the map, and every file is in one', () => {
    assert.ok(files.length > 40, `only ${files.length} files were read`)
    assert.ok(imports.length > 100, `only ${imports.length} imports were read`)
    for (const file of files) assert.ok(roomOf(file) in allowed, `${file} is in no known room`)
  })

  it('import only the rooms they may', () => {
    const wrong = inside
      .filter(({ from, to }) => roomOf(from) !== roomOf(to))
      .filter(({ from, to }) => !allowed[roomOf(from)]?.includes(roomOf(to)))
    assert.deepEqual(wrong, [])
  })

  it('have only one that knows VS Code', () => {
    const wrong = imports.filter(({ from, to }) => to === 'vscode' && roomOf(from) !== 'host')
    assert.deepEqual(wrong, [])
  })

  it('keep the shared room free of packages and of Node', () => {
    assert.deepEqual(
      imports.filter(({ from, specifier }) => roomOf(from) === 'shared' && !specifier.startsWith('.')),
      [],
    )
  })

  it('keep the webview free of Node', () => {
    const wrong = imports.filter(
      ({ from, specifier }) =>
        roomOf(from) === 'webview' && (specifier.startsWith('node:') || builtinModules.includes(specifier)),
    )
    assert.deepEqual(wrong, [])
  })

  it('load each SDK only behind its own lazy bundle', () => {
    const sdks = /^(@anthropic-ai\/sdk|openai|@pydantic\/genai-prices|@modelcontextprotocol\/sdk)(\/|$)/
    const homes =
      /^src\/llm\/(anthropic|openai|openai-responses|openai-chat)\/|^src\/llm\/(catalogue|prices)\.ts$|^src\/mcp\//
    assert.deepEqual(
      imports.filter(({ from, specifier }) => sdks.test(specifier) && !homes.test(from.split(path.sep).join('/'))),
      [],
    )
  })

  it('have no import cycle', () => {
    const edges = Map.groupBy(inside, ({ from }) => from)
    const done = new Set<string>()
    const visit = (file: string, trail: string[]): void => {
      assert.ok(!trail.includes(file), `cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`)
      if (done.has(file)) return
      for (const { to } of edges.get(file) ?? []) visit(to, [...trail, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
  })

  it('import files that exist, by their whole name', () => {
    const known = new Set(files)
    assert.deepEqual(
      inside.filter(({ to }) => /\.(ts|svelte)$/.test(to) && !known.has(to) && !to.endsWith('.d.ts')),
      [],
    )
  })
})
