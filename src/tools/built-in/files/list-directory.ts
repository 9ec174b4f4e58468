/** list_directory: what is in one folder. */
import type { Workspace } from '../../ports.ts'
import type { Tool } from '../../tool.ts'
import { couldNot, said } from '../../tool.ts'
import { builtIn, integerProperty, pathProperty } from '../define.ts'
import { locate, placeAt } from '../paths.ts'
import { count, pictured } from '../text.ts'
import { whatIsThere } from './similar.ts'

type Input = { path?: string; offset?: number }

const MOST = 500

export function listDirectory(workspace: Workspace): Tool {
  return builtIn<Input>({
    name: 'list_directory',
    title: 'List directory',
    description:
      `Lists what is in one folder of the workspace, folders first, each with a “/” behind its name, links with an “@”. At most ${MOST} entries at a time. ` +
      'It does not look into subfolders: find_files does.',
    properties: {
      path: { ...pathProperty('The folder.'), default: '.' },
      offset: integerProperty('How many entries to pass over.', { minimum: 0, default: 0 }),
    },
    required: [],
    effect: 'read',
    describe: ({ path = '.' }) => (path === '.' ? 'List the workspace’s folder' : `List ${path}`),
    async run({ path = '.', offset = 0 }) {
      const roots = workspace.roots()
      if (roots.length > 1 && path === '.') return said(roots.map(({ name }) => `${name}/`).join('\n'))
      const place = await locate(workspace, path)
      const stat = await workspace.stat(place.uri)
      if (!stat) return couldNot(await whatIsThere(workspace, place))
      if (stat.kind === 'file') return couldNot(`${place.shown} is a file. read_file reads it.`)
      const entries = await workspace.list(placeAt(workspace, place.root, place.path).uri)
      if (entries.length === 0) return said(`(${place.shown} is empty.)`)
      const names = entries
        .toSorted(
          (one, other) =>
            Number(one.kind !== 'folder') - Number(other.kind !== 'folder') || (one.name < other.name ? -1 : 1),
        )
        .map(({ name, kind }) => pictured(name) + { folder: '/', link: '@', file: '' }[kind])
      const shown = names.slice(offset, offset + MOST)
      const rest = names.length - offset - shown.length
      const note =
        rest > 0 ? `\n(${count(rest, 'more entry', 'more entries')}. Go on with offset ${offset + MOST}.)` : ''
      return said(shown.join('\n') + note)
    },
  })
}
