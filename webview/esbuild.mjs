/** How the webview is bundled: for the extension by esbuild.mjs, for its own tests by test/webview/harness/build.ts. */
import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import esbuild from 'esbuild'
import sveltePlugin from 'esbuild-svelte'

const here = import.meta.dirname
const CODICONS = path.join(here, '../node_modules/@vscode/codicons/dist')

/**
 * The code that draws Markdown is a bundle of its own, loaded after the rest. It shares no module with the rest, and
 * esbuild's own splitting would make one more file of its helpers that the first had to wait for.
 */
const lazyMarkdown = {
  name: 'lazy-markdown',
  setup(build) {
    build.onResolve({ filter: /^\.\/renderer\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './webview-markdown.js', external: true } : undefined,
    )
  },
}

/**
 * What is loaded later is an entry of its own: so its styles are a sheet of their own, for which the first draw does not
 * wait. esbuild puts the styles of a module that is imported dynamically into the sheet of who imports it.
 */
const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/later\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './webview-later.js', external: true } : undefined,
    )
  },
}

/**
 * Svelte imports from `esm-env` whether it is to help with development. What another file exports comes too late for
 * esbuild to leave out what hangs on it, so all that help would be in a release: a tenth of what is loaded first.
 */
const noDevelopment = {
  name: 'no-development',
  setup(build) {
    build.onLoad({ filter: /[\\/]svelte[\\/]src[\\/].*\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8')
      const asks = /^import \{ DEV \} from 'esm-env';/m
      return { contents: asks.test(source) ? source.replace(asks, '').replace(/\bDEV\b/g, 'false') : source }
    })
  },
}

const common = ({ production = false } = {}) => ({
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'chrome128',
  conditions: ['svelte', 'browser', production ? 'production' : 'development'],
  mainFields: ['svelte', 'browser', 'module', 'main'],
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  plugins: [
    ...(production ? [noDevelopment] : []),
    sveltePlugin({
      compilerOptions: { css: 'external', dev: !production, runes: true },
      moduleCompilerOptions: { dev: !production },
      esbuildTsTransformOptions: { target: 'esnext', tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } },
      include: /\.svelte(\.ts)?$/,
    }),
  ],
})

/**
 * The page's script, and beside it what is loaded later (`components/later.ts`). Both need Svelte and the stores, which
 * are in `webview-chunk.js`; the page asks for that file at once (see `html.ts`). A second shared file fails the build.
 */
export const webviewOptions = (flags) => {
  const { plugins, ...options } = common(flags)
  return {
    ...options,
    entryPoints: {
      webview: path.join(here, 'main.ts'),
      'webview-later': path.join(here, 'components/later.ts'),
    },
    splitting: true,
    chunkNames: 'webview-[name]',
    plugins: [lazyMarkdown, apart, ...plugins],
  }
}

/** The code that draws Markdown, and with `entryPoints` of their own the scripts of the webview's tests. */
export const markdownOptions = (flags) => {
  const { plugins, ...options } = common(flags)
  const entryPoints = { 'webview-markdown': path.join(here, 'markdown/renderer.ts') }
  return { ...options, entryPoints, plugins: [lazyMarkdown, ...plugins] }
}

/** The usage page: a page of its own, with its own copy of what it needs of Svelte. */
export const usageOptions = (flags) => ({
  ...common(flags),
  entryPoints: { 'webview-usage': path.join(here, 'usage/main.ts') },
})

export const codiconFont = path.join(CODICONS, 'codicon.ttf')

/**
 * The style sheet of the icon font with only the icons that the webview names: the whole of it is 34 kB that every
 * opening of the panel would parse. An icon is named by `codicon-NAME`, or by a word in quotes where components choose
 * it; a name after `codicon-` that the font does not have fails the build.
 */
export async function codiconCss() {
  const css = await readFile(path.join(CODICONS, 'codicon.css'), 'utf8')
  const rules = new Map([...css.matchAll(/^\.codicon-([\w-]+):before \{.*\}$/gm)].map(([rule, name]) => [name, rule]))
  const base = css.slice(0, css.indexOf(rules.values().next().value))
  const used = new Set()
  for await (const file of glob('**/*.{ts,svelte}', { cwd: here })) {
    const source = await readFile(path.join(here, file), 'utf8')
    for (const [, name] of source.matchAll(/(?:codicon-|\bicon(?:=|: ?)['"])([a-z][\w-]*)/g)) {
      if (!rules.has(name) && !name.startsWith('modifier-')) throw new Error(`There is no icon ${name}: ${file}`)
      used.add(name)
    }
    for (const [, word] of source.matchAll(/['"]([a-z][a-z-]*)['" ]/g)) used.add(word)
  }
  const wanted = [...rules].filter(([name]) => used.has(name)).map(([, rule]) => rule)
  const { code } = await esbuild.transform([base, ...wanted].join('\n'), { loader: 'css', minify: true })
  // Minified it would lose the note on its licence.
  return `${base.slice(0, base.indexOf('*/') + 2)}\n${code}`
}
