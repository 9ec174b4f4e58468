/**
 * Builds everything VS Code loads: the host, one lazy bundle per SDK, and the webview.
 *
 *   node esbuild.mjs [--watch] [--production] [--tests]
 *
 * esbuild splits only ESM, and one file with every SDK takes 60 to 150 ms to load. So each module listed in `lazy` is
 * a bundle of its own, and a dynamic import of it becomes a `require` of that bundle on first use.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import esbuild from 'esbuild'
import { codiconCss, codiconFont, markdownOptions, usageOptions, webviewOptions } from './webview/esbuild.mjs'

const root = path.dirname(fileURLToPath(import.meta.url))
const flags = new Set(process.argv.slice(2))
const production = flags.has('--production')

/** Source modules that are loaded on first use, and the bundle each becomes. */
const lazy = {
  'src/host/main.ts': 'lazy/main',
  'src/llm/anthropic/index.ts': 'lazy/anthropic',
  'src/llm/openai-responses/index.ts': 'lazy/openai-responses',
  'src/llm/openai-chat/index.ts': 'lazy/openai-chat',
  'src/llm/ollama/index.ts': 'lazy/ollama',
  'src/llm/google/index.ts': 'lazy/google',
  'src/llm/catalogue.ts': 'lazy/catalogue',
  'src/tools/built-in/web/page.ts': 'lazy/page',
  'src/mcp/index.ts': 'lazy/mcp',
  'src/tools/validate.ts': 'lazy/validate',
  'src/host/built-in-tools.ts': 'lazy/tools',
  'src/host/suggest/index.ts': 'lazy/suggest',
  'src/host/extension-tools.ts': 'lazy/extension-tools',
  'src/host/customisation/index.ts': 'lazy/customisation',
  'src/host/transfer/index.ts': 'lazy/transfer',
  'src/host/telemetry/otlp/index.ts': 'lazy/telemetry',
  'src/host/benchmark/window.ts': 'lazy/benchmark',
}

/** Turns `import('./anthropic/index.ts')` into a require of `./lazy/anthropic.cjs`, seen from `folder` of dist. */
const lazyPlugin = (folder) => ({
  name: 'lazy',
  setup(build) {
    build.onResolve({ filter: /\.ts$/ }, (args) => {
      if (args.kind !== 'dynamic-import') return undefined
      const module = path.relative(root, path.resolve(args.resolveDir, args.path)).split(path.sep).join('/')
      const bundle = lazy[module]
      if (!bundle) return { errors: [{ text: `${module} is imported dynamically but has no bundle in esbuild.mjs` }] }
      return { path: `./${path.posix.relative(folder, bundle)}.cjs`, external: true }
    })
  },
})

/**
 * The OpenAI dialects call the client's `get` and `post` alone, but its module imports every resource of the API: two
 * thirds of the bundle. Each resource becomes an empty class.
 */
const openaiResources = {
  name: 'openai-resources',
  setup(build) {
    build.onResolve({ filter: /^\.\/resources\// }, ({ importer, path: file, resolveDir }) =>
      /openai[\\/]client\.m?js$/.test(importer)
        ? { path: file, namespace: 'openai-resources', pluginData: path.join(resolveDir, 'client.mjs') }
        : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'openai-resources' }, async ({ pluginData: client }) => {
      const source = await readFile(client, 'utf8')
      const imported = [...source.matchAll(/^import \{([^}]*)\} from "\.\/resources\//gm)].flatMap(
        ([, names]) => names.match(/\w+/g) ?? [],
      )
      const constructed = [...source.matchAll(/new API\.(\w+)\(/g)].map(([, name]) => name)
      const names = [...new Set([...imported, ...constructed])]
      return { contents: `class Unused {}\n${names.map((name) => `export const ${name} = Unused`).join('\n')}` }
    })
  },
}

/**
 * The price data begins with one array of plain values. What the catalogue never reads (how to find counts in raw
 * answers, comments, links) is a third of it, and text that is parsed as JSON is read faster than as a program.
 */
const prices = {
  name: 'prices',
  setup(build) {
    build.onLoad({ filter: /genai-prices[\\/]dist[\\/]index\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8')
      const [start, end] = [source.indexOf('['), source.indexOf('\n]') + 2]
      if (!/^const \w+ = $/.test(source.slice(0, start))) throw new Error('The price data has changed its shape')
      const providers = new Function(`return ${source.slice(start, end)}`)()
      const unread = ['extractors', 'pricing_urls', 'price_comments', 'description']
      const data = JSON.stringify(providers, (key, value) => (unread.includes(key) ? undefined : value))
      return { contents: `${source.slice(0, start)}JSON.parse(${JSON.stringify(data)})${source.slice(end)}` }
    })
  },
}

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development') },
}

const node = {
  ...common,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
  // A bundle that starts itself again in a thread asks for its own file.
  define: { ...common.define, 'import.meta.filename': '__filename' },
}

const host = {
  ...node,
  entryPoints: { extension: 'src/host/extension.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [lazyPlugin('')],
}

const sdks = {
  ...node,
  entryPoints: Object.fromEntries(Object.entries(lazy).map(([module, bundle]) => [bundle, module])),
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  supported: { 'dynamic-import': false },
  plugins: [lazyPlugin('lazy'), openaiResources, prices],
}

const webview = { ...common, ...webviewOptions({ production }), outdir: 'dist' }
const markdown = { ...common, ...markdownOptions({ production }), outdir: 'dist' }

const usage = { ...common, ...usageOptions({ production }), outdir: 'dist' }

const extensionTests = {
  ...node,
  sourcemap: 'inline',
  entryPoints: { 'test/extension/index': 'test/extension/index.ts' },
  outdir: 'out',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'mocha'],
}

const targets = [host, sdks, webview, markdown, usage, ...(flags.has('--tests') ? [extensionTests] : [])]
if (production) await rm(path.join(root, 'dist'), { recursive: true, force: true })
await mkdir(path.join(root, 'dist'), { recursive: true })
await writeFile(path.join(root, 'dist/codicon.css'), await codiconCss())
await cp(codiconFont, path.join(root, 'dist/codicon.ttf'))

if (flags.has('--watch')) {
  const contexts = await Promise.all(targets.map((options) => esbuild.context({ ...options, logLevel: 'info' })))
  await Promise.all(contexts.map((context) => context.watch()))
} else {
  await Promise.all(targets.map((options) => esbuild.build(options)))
}
