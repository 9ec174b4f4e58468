/** Bundles the webview as the extension ships it, and beside it the scripts that stand in for VS Code. */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import esbuild, { type BuildOptions } from 'esbuild'
import { codiconCss, codiconFont, markdownOptions, usageOptions, webviewOptions } from '../../../webview/esbuild.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
export const outDir = path.join(root, 'out/webview')

export async function build({ production = true } = {}): Promise<void> {
  await rm(outDir, { recursive: true, force: true })
  await mkdir(outDir, { recursive: true })
  const options: BuildOptions = {
    absWorkingDir: root,
    outdir: outDir,
    minify: production,
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
  }
  const markdown = markdownOptions({ production })
  await esbuild.build({ ...webviewOptions({ production }), ...options })
  await esbuild.build({ ...markdown, ...options })
  await esbuild.build({ ...usageOptions({ production }), ...options })
  const stands = {
    'usage-host': 'test/webview/harness/usage-host.ts',
    host: 'test/webview/harness/host.ts',
    lab: 'test/webview/harness/lab.ts',
  }
  await esbuild.build({ ...markdown, ...options, entryPoints: stands })
  await writeFile(path.join(outDir, 'codicon.css'), await codiconCss())
  await cp(codiconFont, path.join(outDir, 'codicon.ttf'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ production: !process.argv.includes('--dev') })
