import type { BuildOptions } from 'esbuild'

export function webviewOptions(options?: { production?: boolean }): BuildOptions
