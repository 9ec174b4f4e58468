/** What reads the files of agents, prompts and instructions: a bundle of its own, loaded when a panel first needs it. */
export { discover } from './discover.ts'
export { parseAgent } from './agent-file.ts'
export { parseInstructions } from './instruction-file.ts'
export { parsePrompt, resolvePrompt, splitArguments } from './prompt-file.ts'
export { withFields } from './front-matter.ts'
export { systemFor } from './system.ts'
export { problemsOf } from './problems.ts'
