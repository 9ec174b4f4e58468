/** What lies over the panel only after a click: a bundle of its own (see `esbuild.mjs`), loaded once the rest is drawn. */
export { default as ChatOptions } from './ChatOptions.svelte'
export { default as History } from './History.svelte'
export { default as McpServers } from './McpServers.svelte'
export { default as ModelPicker } from './ModelPicker.svelte'
export { default as Providers } from './Providers.svelte'
