/** Extensions that are a folder of this repository: nothing packs them. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Adds the extension in `source` to an extensions folder, as VS Code itself lists those it installed. */
export function installFolder(source: string, extensions: string): void {
  const manifest = readFileSync(path.join(source, 'package.json'), 'utf8')
  const { publisher, name, version } = JSON.parse(manifest) as { publisher: string; name: string; version: string }
  const id = `${publisher}.${name}`
  const relativeLocation = `${id}-${version}`
  const folder = path.join(extensions, relativeLocation)
  cpSync(source, folder, { recursive: true })
  const listFile = path.join(extensions, 'extensions.json')
  type Entry = { identifier: { id: string } }
  const list = existsSync(listFile) ? (JSON.parse(readFileSync(listFile, 'utf8')) as Entry[]) : []
  if (list.some((entry) => entry.identifier.id === id)) return
  const location = { $mid: 1, path: folder, scheme: 'file' }
  const entry = { identifier: { id }, version, location, relativeLocation, metadata: {} }
  writeFileSync(listFile, JSON.stringify([...list, entry]))
}
