/** Panelist's own tools, over the ports of the host. */
import type { Ports } from '../ports.ts'
import type { Tool } from '../tool.ts'
import { editFile } from './files/edit-file.ts'
import { findFiles } from './files/find-files.ts'
import { listDirectory } from './files/list-directory.ts'
import { readFile } from './files/read-file.ts'
import { searchText } from './files/search-text.ts'
import { writeFile } from './files/write-file.ts'
import { gitDiff } from './git/diff.ts'
import { gitLog } from './git/log.ts'
import { diagnostics } from './language/diagnostics.ts'
import { findReferences } from './language/references.ts'
import { documentSymbols } from './language/symbols.ts'
import { runCommand } from './run-command.ts'
import { fetchUrl } from './web/fetch-url.ts'

export function builtInTools({ workspace, search, terminal, language, git, net }: Ports): Tool[] {
  return [
    readFile(workspace),
    listDirectory(workspace),
    findFiles(workspace),
    searchText(workspace, search),
    documentSymbols(workspace, language),
    findReferences(workspace, language),
    diagnostics(workspace, language),
    writeFile(workspace),
    editFile(workspace),
    runCommand(workspace, terminal),
    fetchUrl(net),
    gitDiff(workspace, git),
    gitLog(workspace, git),
  ]
}
