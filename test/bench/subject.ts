/** What is measured: nothing (VS Code alone), the bare extension, and Panelist. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../harness/environment.ts'
import type { Settings } from '../harness/profile.ts'
import { buildVsix, installVsix } from '../harness/vsix.ts'

export type Name = 'none' | 'bare' | 'panelist'

export type Subject = {
  name: Name
  /** As "Startup Performance" lists it. */
  extension: string
  /** Makes the folder that holds this extension and nothing else. */
  install(extensions: string): Promise<void>
  settings(provider: string): Settings
  env(provider: string): Record<string, string>
  /** Selectors inside the webview. */
  input: string
  stop: string
  newChat: string
}

const bare = path.join(import.meta.dirname, 'bare-extension')

export const subjects: Record<Name, Subject> = {
  none: {
    name: 'none',
    extension: '',
    install: async (extensions) => void mkdirSync(extensions, { recursive: true }),
    settings: () => ({}),
    env: () => ({}),
    input: '',
    stop: '',
    newChat: '',
  },
  bare: {
    name: 'bare',
    extension: 'panelist-tests.bare',
    install: async (extensions) => {
      const folder = path.join(extensions, 'panelist-tests.bare-0.0.1')
      rmSync(folder, { recursive: true, force: true })
      cpSync(bare, folder, { recursive: true })
      const location = { $mid: 1, path: folder, scheme: 'file' }
      const identifier = { id: 'panelist-tests.bare' }
      const entry = { identifier, version: '0.0.1', location, relativeLocation: path.basename(folder), metadata: {} }
      writeFileSync(path.join(extensions, 'extensions.json'), JSON.stringify([entry]))
    },
    settings: () => ({}),
    env: (provider) => ({ PANELIST_BENCH_PROVIDER: provider }),
    input: '#in',
    stop: '#stop',
    newChat: 'bare.new',
  },
  panelist: {
    name: 'panelist',
    extension: 'panelist.panelist',
    install: async (extensions) => installVsix(await buildVsix(), extensions),
    settings: (provider) => ({
      'panelist.provider': 'anthropic',
      'panelist.model': 'bench',
      'panelist.providers': { anthropic: { baseUrl: provider } },
    }),
    env: () => ({}),
    input: '[data-testid="composer"]',
    stop: '[data-testid="stop"]',
    newChat: 'panelist.newChat',
  },
}

/** Where the extensions folder of a subject stands; its own, because the tests rebuild theirs. */
export const extensionsOf = (name: Name): string => path.join(root, 'out', 'bench', `extensions-${name}`)
