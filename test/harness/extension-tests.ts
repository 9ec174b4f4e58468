/** Runs the bundled extension tests in an extension host, by `runTests` of @vscode/test-electron. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { runTests } from '@vscode/test-electron'
import { downloadedDesktop } from './desktop.ts'
import { root } from './environment.ts'
import { installHelper } from './helper.ts'
import { alone, makeProfile } from './profile.ts'

const launcher = path.join(root, 'scripts', 'launcher.ts')

let desktop: Promise<string | undefined> | undefined

/**
 * Runs the tests once and gives their exit code: in desktop VS Code where one can be had, else in the VS Code server.
 * Restricted Mode goes through our launcher in both: `runTests` itself would switch workspace trust off.
 */
export async function runExtensionTests(options: { trusted: boolean; env: Record<string, string> }): Promise<number> {
  desktop ??= downloadedDesktop()
  const executable = await desktop
  const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-tests-'))
  const profile = makeProfile(folder, { settings: alone, trust: options.trusted })
  installHelper(profile.extensions)
  try {
    return await runTests({
      vscodeExecutablePath: executable !== undefined && options.trusted ? executable : launcher,
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(root, 'out', 'test', 'extension', 'index.cjs'),
      launchArgs: [profile.workspace, `--user-data-dir=${profile.data}`, `--extensions-dir=${profile.extensions}`],
      extensionTestsEnv: {
        ...options.env,
        ...(options.trusted ? {} : { PANELIST_RESTRICTED: '1' }),
        ...(executable === undefined ? {} : { PANELIST_DESKTOP: executable }),
      },
    })
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
