/** Keys that the provider's own tools read from the environment. */
import type { ProviderInfo } from '../llm/types.ts'

/** The name of the first of a provider's variables that holds something. */
export function variableOf(
  { envVar, envVarsAlso = [] }: Pick<ProviderInfo, 'envVar' | 'envVarsAlso'>,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const names = envVar === undefined ? [] : [envVar, ...envVarsAlso]
  return names.find((name) => environment[name]?.trim())
}
