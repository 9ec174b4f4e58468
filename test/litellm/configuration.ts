/** What the gateway of the tests offers: names that people use, and the deployments behind them. */

/** The keys that the gateway itself has at the providers behind it. */
export const upstreamKeys = { openai: 'sk-upstream-openai', anthropic: 'sk-upstream-anthropic' }

/** Models whose upstream is made to fail. One each, because some failures let a deployment rest. */
export const failing = Array.from({ length: 12 }, (_, at) => `failing-${at}`)

/** USD for one token. */
export const houseRates = { input: 0.000002, output: 0.000008 }

/** `config.yaml` of the proxy, with every deployment at `upstream`. */
export function configuration(upstream: string): object {
  const deployment = (name: string, model: string, more: object = {}, info: object = {}): object => {
    const atAnthropic = model.startsWith('anthropic/')
    return {
      model_name: name,
      litellm_params: {
        model,
        api_base: atAnthropic ? upstream : `${upstream}/v1`,
        api_key: atAnthropic ? upstreamKeys.anthropic : upstreamKeys.openai,
        ...more,
      },
      model_info: info,
    }
  }
  const rates = { input_cost_per_token: houseRates.input, output_cost_per_token: houseRates.output }
  const limits = { max_input_tokens: 32_000, max_output_tokens: 4_000, supports_function_calling: true }
  return {
    model_list: [
      deployment('team-chat', 'openai/gpt-4o'),
      deployment('team-chat', 'openai/gpt-4.1'),
      deployment('claude', 'anthropic/claude-sonnet-4-5'),
      deployment('house', 'openai/house-model', rates, limits),
      deployment('unpriced', 'openai/model-of-nobody'),
      deployment('search', 'openai/text-embedding-3-small'),
      deployment('tired', 'openai/tired-one'),
      deployment('tired', 'openai/tired-two'),
      deployment('anthropic/*', 'anthropic/*'),
      ...failing.map((name) => deployment(name, `openai/${name}`)),
      ...failing.map((name) => deployment(`claude-${name}`, `anthropic/claude-${name}`)),
    ],
    // Every failure is the upstream's own, once: nothing is tried again.
    router_settings: { num_retries: 0, cooldown_time: 30, model_group_alias: { 'house-by-another-name': 'house' } },
    litellm_settings: { num_retries: 0, request_timeout: 20 },
    general_settings: { disable_spend_logs: true },
  }
}
