/** CPU profiles of Panelist while a 24 KB answer comes in: for the performance view of any Chromium's developer tools. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../harness/environment.ts'
import { sizes } from './parts.ts'
import type { Provider } from './provider.ts'
import { Stage } from './stage.ts'
import { subjects } from './subject.ts'

/** Writes out/bench/host-<rate>.cpuprofile and webview-<rate>.cpuprofile, rate in tokens a second, 0 unthrottled. */
export async function writeProfiles(provider: Provider): Promise<void> {
  const stage = await Stage.open(subjects.panelist, provider, sizes)
  try {
    await stage.openPanel()
    await stage.stream({ kind: 'short', rate: 0, delayMs: 100 })
    await stage.protocol.send('Profiler.enable')
    for (const rate of [0, 1_000]) {
      await stage.newChat()
      await stage.protocol.send('Profiler.start')
      const host = await stage.workbench.helper.profile(async () => {
        await stage.stream({ kind: 'long', rate, delayMs: 100 })
      })
      const { profile } = await stage.protocol.send('Profiler.stop')
      write(`host-${rate}`, host)
      write(`webview-${rate}`, profile)
    }
  } finally {
    await stage.close()
  }
}

function write(name: string, profile: unknown): void {
  const folder = path.join(root, 'out', 'bench')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${name}.cpuprofile`), JSON.stringify(profile))
}
