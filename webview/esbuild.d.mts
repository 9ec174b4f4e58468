import type { BuildOptions } from 'esbuild'

export function webviewOptions(options?: { production?: boolean }): BuildOptions
export function markdownOptions(options?: { production?: boolean }): BuildOptions
export function usageOptions(options?: { production?: boolean }): BuildOptions
export const codiconFont: string
export function codiconCss(): Promise<string>
