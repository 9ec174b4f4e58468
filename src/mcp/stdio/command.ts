/** Which program a server's command is, and how it is started so that nothing of it is left behind. */
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/** Variables of the host that servers get; everything else, keys above all, only where the definition names it. */
const INHERITED =
  /^(PATH|HOME|LOGNAME|USER|USERNAME|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TMP|TEMP|XDG_\w+|DISPLAY|WAYLAND_DISPLAY|SSH_AUTH_SOCK|DOCKER_HOST|HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|APPDATA|LOCALAPPDATA|HOMEDRIVE|HOMEPATH|USERPROFILE|PROGRAM(DATA|FILES(\(X86\))?)|PROCESSOR_ARCHITECTURE|SYSTEM(DRIVE|ROOT)|COMSPEC|PATHEXT|NVM_\w+|VOLTA_HOME)$/i

/** The environment of a server: what it inherits, and then its own. */
export function environmentOf(own: Readonly<Record<string, string | null>>): Record<string, string> {
  const all = Object.entries({ ...process.env, ...own })
  return Object.fromEntries(
    all.filter((pair): pair is [string, string] => {
      const [name, value] = pair
      return typeof value === 'string' && (Object.hasOwn(own, name) || INHERITED.test(name)) && !value.startsWith('()')
    }),
  )
}

/** The file that `command` starts, looked for along PATH as the system does; undefined where there is none. */
export function findCommand(command: string, env: Readonly<Record<string, string>>, cwd: string): string | undefined {
  const windows = process.platform === 'win32'
  const variable = (name: string) => Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1] ?? ''
  const endings = windows ? ['', ...(variable('PATHEXT') || '.COM;.EXE;.BAT;.CMD').split(';')] : ['']
  const isPath = /[/\\]/.test(windows ? command : command.replaceAll('\\', ''))
  const folders = isPath ? [cwd] : variable('PATH').split(path.delimiter)
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.resolve(cwd, folder, command + ending)
      if (isProgram(file) && !(windows && ending === '' && !path.extname(file))) return file
    }
  }
  return undefined
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** A program and its arguments as `spawn` takes them. `verbatim`: Windows must not quote again. */
export type Start = { file: string; args: string[]; verbatim?: true }

/**
 * POSIX: a shell that waits for a line on descriptor 3 and then becomes the server. The line is sent when the watchdog
 * knows the process; a host that dies before leaves a shell that ends by itself.
 */
export function gated(file: string, args: readonly string[]): Start {
  const script = 'read -r go <&3 || exit 1; exec 3<&-; exec "$@"'
  return { file: '/bin/sh', args: ['-c', script, 'panelist-mcp', file, ...args] }
}

/** Windows: Node starts no batch files by itself, and `cmd` reads its own special characters inside of quotes too. */
export function forWindows(file: string, args: readonly string[]): Start {
  if (!/\.(cmd|bat)$/i.test(file)) return { file, args: [...args] }
  const special = /[()%!^"<>&|;, \t]/g
  const quote = (text: string) => `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`
  // Twice: a batch file hands its arguments on to a program through `cmd` once more.
  const escape = (text: string) => quote(text).replace(special, '^$&').replace(special, '^$&')
  const line = [file.replace(special, '^$&'), ...args.map(escape)].join(' ')
  return { file: process.env.COMSPEC ?? 'cmd.exe', args: ['/d', '/s', '/c', `"${line}"`], verbatim: true }
}
