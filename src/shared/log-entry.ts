/** One line of the log, as the host keeps it and the panel lists it. */

/** From the least to the most that matters. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** Whose work a line tells of. */
export const logSources = ['request', 'tool', 'mcp', 'models', 'store', 'panel', 'host'] as const
export type LogSource = (typeof logSources)[number]

/** `seq` grows by one with each line of the window. `at`: epoch milliseconds. `text`: one line without keys. */
export type LogEntry = { seq: number; at: number; level: LogLevel; source: LogSource; text: string }
