/** What customisations need of the editor: its folders, and the files in them. */

/** A folder of the workspace, or the person's own. `uri`: of the folder. */
export type Root = { place: 'workspace' | 'user'; name: string; uri: string }

/** A file as it was found. `real`: where it really is, so that one file under two names counts once. */
export type Read = { text: string; real: string } | { why: 'missing' | 'outside' | 'large' | 'unreadable' }

export interface CustomisationFiles {
  /** False in Restricted Mode: then nothing of the workspace counts. */
  trusted(): boolean
  /** Folders of the workspace. */
  folders(): Root[]
  /** The person's own folder of agents, prompts and instructions. */
  own(): Root
  /** The files directly in a folder, or anywhere below it, as paths from `root` with `/`; none where it is missing. */
  list(root: Root, folder: string, deep: boolean): Promise<string[]>
  /** Where files of this name are below the folders of the workspace, without those at the top; as paths from `root`. */
  find(root: Root, name: string): Promise<string[]>
  /** At most `most` bytes; a file of the workspace that leads out of it by a link is not read. */
  read(root: Root, path: string, most: number): Promise<Read>
  uriOf(root: Root, path: string): string
}
