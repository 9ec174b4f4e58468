/** What a paste or a drop holds, as far as it must be known at once: whether the browser is to do anything itself. */

/** The files a drag from the editor names; web addresses are none. */
export function urisOf(data: DataTransfer | null): string[] {
  const list = data?.getData('application/vnd.code.uri-list') || data?.getData('text/uri-list') || ''
  return list
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => /^[a-z][\w+.-]*:/i.test(line) && !/^(https?|data|blob|mailto|javascript):/i.test(line))
}

/** Folders of this machine in a drop. A drop is forgotten once its event is over, so they are asked for at once. */
export function foldersOf(data: DataTransfer | null): FileSystemDirectoryEntry[] {
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry())
  return entries.filter((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true)
}

/** Longer text that is pasted is an attachment, in characters or in lines. */
const LONG = 4_000
const MANY_LINES = 60

export function isLong(text: string): boolean {
  return text.length > LONG || text.split('\n', MANY_LINES + 1).length > MANY_LINES
}

/** Files of the clipboard; none where it is text that an office program also drew as a picture. */
export function pastedFiles(data: DataTransfer | null): File[] {
  const files = [...(data?.files ?? [])]
  const drawn = files.length === 1 && files[0]!.name === 'image.png' && data!.getData('text/plain').trim() !== ''
  return drawn ? [] : files
}
