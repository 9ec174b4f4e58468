/** A desktop VS Code to run the extension tests in, where this machine can show and download one. */
import path from 'node:path'
import { download, ProgressReportStage } from '@vscode/test-electron'
import { cacheFolder, say } from '../../scripts/cache.mjs'
import { hasDisplay } from './environment.ts'

/** How long the download's host may take to answer before the server takes the desktop's place, ms. */
const answerLimit = 4_000

/** The executable of a desktop VS Code from the cache or downloaded now, or undefined with a line that says why. */
export async function downloadedDesktop(): Promise<string | undefined> {
  if (!hasDisplay()) {
    say('no display, so the tests run in the VS Code server')
    return undefined
  }
  try {
    return await download({
      version: 'stable',
      cachePath: path.join(cacheFolder(), 'vscode-desktop'),
      timeout: answerLimit,
      reporter: {
        report: ({ stage }) => {
          if (stage === ProgressReportStage.Downloading) say('downloading desktop VS Code')
        },
        error: (error) => say(String(error)),
      },
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`desktop VS Code cannot be downloaded (${reason}), so the tests run in the VS Code server`)
    return undefined
  }
}
