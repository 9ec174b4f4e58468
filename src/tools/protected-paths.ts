/**
 * Paths that a tool never writes to without being asked for just that: what decides which programs run and what agents
 * and servers may do. By the name a file system would take it for, not by how it is written.
 */
import path from 'node:path'

/** `outside`: not in the workspace, or nobody can tell. */
export type PathVerdict = { kind: 'free' | 'protected' | 'outside'; path: string }

/** What is asked of the file system. */
export type PathPort = {
  /** The folders of the workspace, absolute, symlinks resolved. */
  roots: readonly string[]
  windows: boolean
  /** Where a path really is: `dangling` for a link to nothing, `missing` where there is nothing. Never rejects. */
  realPath(path: string): Promise<{ kind: 'found'; path: string } | { kind: 'dangling' | 'missing' }>
}

/**
 * What may be written at `given`, which may be relative to the first root. `path` is where it really is: a tool must
 * write there and nowhere else.
 */
export async function judgePath(given: string, port: PathPort): Promise<PathVerdict> {
  const { resolve } = port.windows ? path.win32 : path.posix
  const root = port.roots[0]
  if (root === undefined || given.includes('\0')) return { kind: 'outside', path: given }
  const lexical = resolve(root, given)
  const real = await realOf(lexical, port)
  if (real === undefined) return { kind: 'outside', path: lexical }
  const home = port.roots.find((each) => isInside(real, each, port.windows))
  if (home === undefined) return { kind: 'outside', path: real }
  return { kind: isProtected(given) || isProtected(lexical) || isProtected(real) ? 'protected' : 'free', path: real }
}

/** The real path of what is there, and below it the names of what is not there yet. A link to nowhere has none. */
async function realOf(lexical: string, port: PathPort): Promise<string | undefined> {
  const { dirname, basename, join } = port.windows ? path.win32 : path.posix
  const missing: string[] = []
  for (let at = lexical; ; at = dirname(at)) {
    const real = await port.realPath(at)
    if (real.kind === 'found') return join(real.path, ...missing)
    if (real.kind === 'dangling' || dirname(at) === at) return undefined
    missing.unshift(basename(at))
  }
}

function isInside(real: string, root: string, windows: boolean): boolean {
  const { relative, isAbsolute } = windows ? path.win32 : path.posix
  const way = relative(root, real)
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way)
}

/** Folders and files, at any depth, by the names that `nameOnDisk` gives. */
const NAMES = new Set([
  // The editor's and git's own: tasks, hooks and settings start programs.
  ...['.vscode', '.vscode-server', '.vscode-test', '.devcontainer', '.devcontainer.json', '.idea'],
  ...['.git', '.gitmodules', '.gitconfig', '.husky', '.githooks', '.envrc'],
  // Agents: what they are told, and what they may do.
  ...['agents.md', 'agent.md', 'claude.md', 'claude.local.md', 'gemini.md', 'copilot-instructions.md', 'skill.md'],
  ...['.panelist', '.agents', '.agent', '.claude', '.claude.json', '.codex', '.gemini', '.cursor', '.cursorrules'],
  ...['.cline', '.clinerules', '.clineignore', '.roo', '.roorules', '.roomodes', '.rooignore', '.kilocode', '.amazonq'],
  ...[
    '.windsurf',
    '.windsurfrules',
    '.continue',
    '.continuerc.json',
    '.aider.conf.yml',
    '.junie',
    '.opencode',
    '.kiro',
  ],
  // Servers of the Model Context Protocol.
  ...['.mcp.json', 'mcp.json', '.mcp', 'mcp_settings.json', 'mcp_config.json', 'cline_mcp_settings.json'],
  ...['claude_desktop_config.json', 'opencode.json', 'opencode.jsonc'],
])

const ENDINGS = ['.code-workspace', '.instructions.md', '.prompt.md', '.chatmode.md', '.agent.md', '.mdc']
/** `.roorules-code`, `.clinerules-architect`: one a mode. And git's short names on Windows: `GIT~1`. */
const PATTERN = /^(\.(roorules|clinerules|cursorrules|windsurfrules)[-.]|(git|vscode|agents|claude|mcp)~\d)/

/** True for every way of writing a protected path, as far as a path alone can tell. */
export function isProtected(written: string): boolean {
  return written.split(/[\\/]+/).some((segment) => {
    const name = nameOnDisk(segment)
    return NAMES.has(name) || ENDINGS.some((ending) => name.endsWith(ending)) || PATTERN.test(name)
  })
}

/**
 * The name that some file system would find this under: Windows ignores case, dots and blanks at the end and what follows
 * a colon; macOS ignores case, letters nobody sees, and how accents are composed. Letters that fold to ASCII are folded.
 */
function nameOnDisk(segment: string): string {
  return segment
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .replace(/:.*$/s, '')
    .replace(/[. ]+$/, '')
}
