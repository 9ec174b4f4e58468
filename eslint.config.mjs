import { readdirSync } from 'node:fs'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import { layers } from './test/harness/layers.ts'

/** The import rules of ARCHITECTURE.md as editor hints; test/architecture.test.ts is the gate. */
const rooms = readdirSync(new URL('./src', import.meta.url))
const layering = Object.entries(layers).map(([room, allowed]) => ({
  files: room === 'webview' ? ['webview/**/*.{ts,svelte}'] : [`src/${room}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: rooms
          .filter((other) => other !== room && !allowed.includes(other))
          .map((other) => ({
            group: [`**/${other}/**`],
            message: `${room} may not import ${other} (see ARCHITECTURE.md).`,
          })),
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'media/'] },
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.node } } },
  {
    files: ['webview/**', '**/*.svelte'],
    languageOptions: { globals: { ...globals.browser }, parserOptions: { parser: tseslint.parser } },
  },
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] } },
  ...layering,
)
