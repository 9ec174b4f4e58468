/** Where a path of this machine really is. */
import { lstat, realpath } from 'node:fs/promises'
import type { RealPath } from '../ports.ts'

/** Follows all links and takes the case of the disk. Rejects only for what is neither there nor absent (no permission). */
export async function realPathOf(file: string): Promise<RealPath> {
  try {
    return { kind: 'found', path: await realpath(file) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ELOOP') return { kind: 'dangling' }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  }
  const itself = await lstat(file).catch(() => undefined)
  return { kind: itself?.isSymbolicLink() ? 'dangling' : 'missing' }
}
