/** The door of the room. It carries the SDK: `import()` it, so that it is loaded when the first server is wanted. */
export { resolveDefinition } from './configuration/resolve.ts'
export { McpError } from './errors.ts'
export { SignIns } from './oauth/sign-ins.ts'
export { McpServers } from './servers.ts'
