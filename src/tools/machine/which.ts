/** Where a program is. */
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/**
 * The absolute path of a program, looked for in the folders of PATH alone: Windows would look in the current folder
 * first, and that is the workspace.
 */
export function which(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe'] : ['']
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue
    for (const ending of endings) {
      const file = path.join(folder, name + ending)
      if (isProgram(file)) return file
    }
  }
  return undefined
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
