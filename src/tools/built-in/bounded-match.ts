/** Patterns of a model against texts of a workspace, within a time: either can make a regular expression run for ever. */
import vm from 'node:vm'

/** Milliseconds for one call. */
const LONGEST_MS = 500

const script = new vm.Script('texts.map((text) => text.search(expression))')

/** Made once: it takes a millisecond. */
let context: vm.Context | undefined

/**
 * Where `expression` first matches in each text, -1 where it does not. Throws a sentence for the model where that takes
 * too long. Only another context can be stopped from outside.
 */
export function placesIn(texts: readonly string[], expression: RegExp): number[] {
  try {
    context ??= vm.createContext({})
    return script.runInContext(Object.assign(context, { texts, expression }), { timeout: LONGEST_MS }) as number[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    throw new Error('The pattern takes too long. Use a simpler one.', { cause: error })
  } finally {
    if (context) Object.assign(context, { texts: undefined, expression: undefined })
  }
}
