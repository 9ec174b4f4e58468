/** `@` with the name of a file or folder: `@app.ts`, `@src/app.ts:10-50`. Open files come first. */
import fuzzysort from 'fuzzysort'
import { locate } from '../../tools/built-in/paths.ts'
import type { ContextDesk } from '../context/desk.ts'
import type { ContextFiles } from '../context/files.ts'
import { baseName, NotWanted } from '../context/files.ts'
import { filesTaken } from '../context/item.ts'
import type { Range } from '../context/parts.ts'
import type { FileIndex, Indexed } from './file-index.ts'
import type { Offer, SuggestionSource } from './source.ts'

const MOST = 60
/** Open files that are shown before anything is typed. */
const MOST_OPEN = 8
/** `:10`, `:10-50`, `#L10-L50`. */
const RANGE = /(?::|#L)(\d{1,7})(?:-L?(\d{1,7}))?$/

export function fileSource(desk: ContextDesk, files: ContextFiles, index: FileIndex): SuggestionSource {
  return {
    name: 'file',
    trigger: '@',

    async offers(query) {
      const range = RANGE.exec(query)?.[0] ?? ''
      const wanted = query.slice(0, query.length - range.length)
      const open = desk.openFiles()
      if (wanted === '') return open.slice(0, MOST_OPEN).map((file) => offer(file, range, 'Open editors'))
      const { files: all, complete } = await index.files()
      const opened = new Set(open.map(({ uri }) => uri))
      const found = fuzzysort
        .go(wanted, [...open, ...all.filter(({ uri }) => !opened.has(uri))], {
          key: 'shown',
          limit: MOST,
          threshold: 0.25,
          // A name beats a path in which the letters lie about, and a file that is open beats one that is not.
          scoreFn: ({ obj, score }) =>
            score *
            (baseName(obj.shown).toLowerCase().includes(wanted.toLowerCase()) ? 1.5 : 1) *
            (opened.has(obj.uri) ? 1.1 : 1),
        })
        .map(({ obj, score }) => ({ ...offer(obj, range, 'Files'), score: Math.min(1, score) }))
      const typed = found.length === 0 ? await exactly(files, wanted, range) : []
      return { offers: [...found, ...typed], ...(!complete && { more: true as const }) }
    },

    async take(key, { draft }) {
      const { uri, range } = parsed(key)
      const ref = `@file:${key}`
      try {
        if (await files.isFolder(uri)) return filesTaken(await files.folder(uri, ref))
        return filesTaken(await files.read(uri, { draft, ref, ...(range && { range }) }))
      } catch (error) {
        if (error instanceof NotWanted) return { kind: 'left' }
        throw error
      }
    },

    async digest(key) {
      const { uri } = parsed(key)
      return (await files.isFolder(uri)) ? files.folderDigest(uri) : files.digest(uri)
    },
  }
}

function offer({ uri, shown, folder }: Indexed, range: string, group: string): Offer {
  const name = baseName(shown)
  const above = shown.slice(0, shown.length - name.length).replace(/\/$/, '')
  return {
    key: `${uri}${folder ? '' : range.replace(/^:/, '#L')}`,
    label: `${name}${folder ? '/' : range}`,
    ...(above && { detail: above }),
    icon: folder ? 'folder' : 'file',
    group,
  }
}

/** What is ignored is not in the index, but can be named. */
async function exactly(files: ContextFiles, wanted: string, range: string): Promise<Offer[]> {
  const place = await locate(files.workspace, wanted).catch(() => undefined)
  if (!place || place.path === '') return []
  const stat = await files.workspace.stat(place.uri).catch(() => undefined)
  if (!stat) return []
  const folder = stat.kind === 'folder' ? ({ folder: true } as const) : {}
  return [{ ...offer({ uri: place.uri, shown: place.shown, ...folder }, range, 'Files'), score: 1 }]
}

function parsed(key: string): { uri: string; range?: Range } {
  const [, from, to] = /#L(\d{1,7})(?:-L?(\d{1,7}))?$/.exec(key) ?? []
  if (from === undefined) return { uri: key }
  return { uri: key.slice(0, key.lastIndexOf('#L')), range: { from: Number(from), to: Number(to ?? from) } }
}
