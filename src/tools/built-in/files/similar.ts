/** What to say of a path where nothing is. */
import type { Place, Workspace } from '../../ports.ts'
import { placeAt } from '../paths.ts'

/** Names the nearest folder that exists and what in it is called alike. */
export async function whatIsThere(workspace: Workspace, place: Place): Promise<string> {
  const missing = `There is no ${place.shown}.`
  const parts = place.path.split('/')
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const folder = placeAt(workspace, place.root, parts.slice(0, depth).join('/'))
    const entries = await workspace.list(folder.uri).catch(() => undefined)
    if (!entries) continue
    const wanted = parts[depth] ?? ''
    const alike = entries.filter(({ name }) => similar(name, wanted)).slice(0, 5)
    if (alike.length > 0) return `${missing} ${folder.shown} holds ${alike.map(({ name }) => name).join(', ')}.`
    return `${missing} list_directory or find_files shows what is in ${folder.shown}.`
  }
  return missing
}

function similar(name: string, wanted: string): boolean {
  const [one, other] = [name, wanted].map((each) => each.toLowerCase())
  if (!one || !other) return false
  const stem = (each: string): string => each.replace(/\.[^.]*$/, '')
  return stem(one) === stem(other) || (other.length > 3 && (one.includes(stem(other)) || other.includes(stem(one))))
}
