/** How the webview is bundled: for the extension by esbuild.mjs, for its own tests by test/webview/harness/build.ts. */
import sveltePlugin from 'esbuild-svelte'

export const webviewOptions = ({ production = false } = {}) => ({
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'chrome128',
  conditions: ['svelte', 'browser', production ? 'production' : 'development'],
  mainFields: ['svelte', 'browser', 'module', 'main'],
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  plugins: [
    sveltePlugin({
      compilerOptions: { css: 'external', dev: !production, runes: true },
      moduleCompilerOptions: { dev: !production },
      esbuildTsTransformOptions: { target: 'esnext', tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } } },
      include: /\.svelte(\.ts)?$/,
    }),
  ],
})
