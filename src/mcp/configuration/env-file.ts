/** Files of `NAME=value` lines. */

/** The variables of such a file. Comments, empty lines and what is no line of that kind are passed over. */
export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, unquoted(value)]]
  })
  return Object.fromEntries(pairs)
}

function unquoted(value: string): string {
  const [, double] = /^"((?:[^"\\]|\\.)*)"(?:\s+#.*)?$/.exec(value) ?? []
  if (double !== undefined) return double.replace(/\\(.)/g, (_, each: string) => (each === 'n' ? '\n' : each))
  const [, single] = /^'([^']*)'(?:\s+#.*)?$/.exec(value) ?? []
  return single ?? value.replace(/(^|\s+)#.*$/, '')
}
