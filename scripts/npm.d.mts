/** Types of `npm.mjs`. */
export function npm(node: string, args: string[], cwd: string): Promise<void>
