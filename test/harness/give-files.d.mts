export type GivenFile = { name: string; type: string; base64: string }
export type Given = { how: 'paste' | 'drop'; files: GivenFile[]; uris: string[] }

export function giveFiles(node: unknown, given: Given): void
