/** One folder for everything that a run of tests leaves in the folder of temporary files: it goes with the process. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

// Short, because the paths of sockets below it may have about 100 letters.
const scratch = mkdtempSync(path.join(os.tmpdir(), 'pt-'))
// Tests that act as another person have folders of theirs in it.
chmodSync(scratch, 0o755)
process.env['TMPDIR'] = scratch
process.env['TMP'] = scratch
process.env['TEMP'] = scratch

process.on('exit', () => {
  try {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // A process that is just ending still writes there.
  }
})
