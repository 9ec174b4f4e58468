/** Opens Panelist in the person's own desktop VS Code, with data and extensions of its own beside their usual ones. */
import { spawn } from 'node:child_process'
import type { Profile } from '../../test/harness/profile.ts'
import { killTree, processesWith } from '../../test/harness/processes.ts'
import { say, step } from '../cache.mjs'

function runCode(command: string, args: string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)))
  return new Promise((resolve, reject) => {
    // On Windows `code` is a .cmd file, which only a shell can start.
    const shell = process.platform === 'win32'
    const quote = (text: string) => (shell ? `"${text}"` : text)
    const child = spawn(quote(command), args.map(quote), { env, shell, stdio: ['ignore', 'ignore', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with code ${code}.`))))
  })
}

/** Installs the VSIX and opens a window; resolves when the person closes it. */
export async function openDesktop(command: string, profile: Profile, vsix: string): Promise<void> {
  const folders = [`--user-data-dir=${profile.data}`, `--extensions-dir=${profile.extensions}`]
  await step('installing Panelist into a profile of its own', () =>
    runCode(command, [...folders, '--install-extension', vsix, '--force']),
  )
  say(`opening ${command}; Panelist is in the secondary side bar`)
  await runCode(command, [...folders, '--new-window', '--wait', profile.workspace])
}

/** Closes the windows that use this profile. */
export function closeDesktop(profile: Profile): void {
  for (const entry of processesWith(`--user-data-dir=${profile.data}`)) killTree(entry.pid)
}
