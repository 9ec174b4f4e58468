/** A person's VS Code profile in a folder of its own: settings, extensions, home and workspace. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Json } from '../../src/shared/json.ts'

export type Settings = Record<string, Json>

export type Profile = {
  /** Everything below is inside this folder, except a workspace or extensions folder that was given. */
  folder: string
  data: string
  extensions: string
  home: string
  workspace: string
  settingsFile: string
}

/** What keeps a window quiet and the secondary side bar Panelist's own: no welcome page, no other chat, no updates. */
const quiet: Settings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'visible',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'remote.autoForwardPorts': false,
  'git.openRepositoryInParentFolders': 'never',
}

/** What a test does not expect unless it says so: a second request, for the title of a chat. */
export const alone: Settings = { 'panelist.chatTitles': 'words' }

const sampleFiles: Record<string, string> = {
  'README.md': '# Sample\n\nA small folder to try Panelist in.\n',
  'hello.ts': 'export function hello(name: string): string {\n  return `Hello, ${name}!`\n}\n',
}

/**
 * Makes the profile in `folder`, or finds it there. Settings already in it stay, `settings` go over them.
 * `trust: false` opens the workspace in Restricted Mode.
 */
export function makeProfile(
  folder: string,
  options: { settings?: Settings; workspace?: string; extensions?: string; trust?: boolean } = {},
): Profile {
  const profile: Profile = {
    folder,
    data: path.join(folder, 'data'),
    extensions: options.extensions ?? path.join(folder, 'extensions'),
    home: path.join(folder, 'home'),
    workspace: options.workspace ?? path.join(folder, 'workspace'),
    settingsFile: path.join(folder, 'data', 'User', 'settings.json'),
  }
  for (const each of [path.dirname(profile.settingsFile), profile.extensions, profile.home]) {
    mkdirSync(each, { recursive: true })
  }
  if (!existsSync(profile.workspace)) {
    mkdirSync(profile.workspace, { recursive: true })
    for (const [name, text] of Object.entries(sampleFiles)) writeFileSync(path.join(profile.workspace, name), text)
  }
  const trust: Settings =
    options.trust === false
      ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' }
      : { 'security.workspace.trust.enabled': false }
  changeSettings(profile, { ...quiet, ...trust, ...readSettings(profile), ...options.settings })
  return profile
}

/** Settings of the profile; none where it has no file yet. Throws on a file that is not plain JSON: it is not ours to lose. */
export function readSettings(profile: Profile): Settings {
  if (!existsSync(profile.settingsFile)) return {}
  try {
    return JSON.parse(readFileSync(profile.settingsFile, 'utf8')) as Settings
  } catch {
    throw new Error(`${profile.settingsFile} is not plain JSON (comments do not work here). Mend it or remove it.`)
  }
}

/**
 * Writes user settings before VS Code starts; `undefined` removes one. A server that runs does not watch the file: see
 * `Helper.changeSettings`.
 */
export function changeSettings(profile: Profile, changes: Record<string, Json | undefined>): void {
  const settings = { ...readSettings(profile), ...changes }
  writeFileSync(profile.settingsFile, `${JSON.stringify(settings, null, 2)}\n`)
}
