/** Recorded streams of real providers, where they lie beside this checkout. One JSON chunk a line. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const root = new URL('../../../shared/recordings/', import.meta.url)

/** The dialects whose recordings a test plays, one folder each. */
export const PLAYED = ['anthropic', 'google', 'openai-chat', 'openai-responses'] as const

export type Recording = { name: string; lines: string[] }

/** The folders there are. Undefined where nothing was recorded. */
export function recordedFolders(): string[] | undefined {
  return existsSync(root) ? readdirSync(root) : undefined
}

/** The recordings of a dialect. Where there are none, a pending test says so in their place. */
export function recordingsOf(dialect: (typeof PLAYED)[number]): Recording[] {
  const folder = new URL(`${dialect}/`, root)
  const names = existsSync(folder) ? readdirSync(folder) : []
  if (names.length === 0) it(`of ${dialect} (pending: no recordings beside this checkout)`)
  return names.map((name) => ({
    name: name.replace(/\.chunks\.txt$/, ''),
    lines: readFileSync(new URL(name, folder), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== ''),
  }))
}
