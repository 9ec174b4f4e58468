/** Which providers this start talks to: the person's own, or the demo. */
import type { Settings } from '../../test/harness/profile.ts'
import type { Json } from '../../src/shared/json.ts'
import type { DemoProvider } from '../demo-provider.ts'

/** Environment variables whose key Panelist would use. */
const keyVariables = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY']

/** The variables of this environment that hold a key. */
export function keysInEnvironment(): string[] {
  return keyVariables.filter((name) => Boolean(process.env[name]?.trim()))
}

const demoChoice = { 'panelist.provider': 'anthropic', 'panelist.model': 'claude-sonnet-4-5' }

/** Changes to the user settings that point Panelist at the demo. */
export function demoOn(demo: DemoProvider, settings: Settings): Settings {
  const chosen = settings['panelist.provider'] ? {} : demoChoice
  return { ...chosen, 'panelist.providers': { ...own(settings), ...demo.settings } }
}

/** Changes that take an earlier start's demo away again; what the person wrote stays. */
export function demoOff(settings: Settings): Record<string, Json | undefined> {
  const providers = own(settings)
  if (Object.keys(providers).length === Object.keys(providersOf(settings)).length) return {}
  const wasDemoChoice = Object.entries(demoChoice).every(([name, value]) => settings[name] === value)
  return {
    'panelist.providers': providers,
    ...(wasDemoChoice ? { 'panelist.provider': undefined, 'panelist.model': undefined } : {}),
  }
}

function providersOf(settings: Settings): Record<string, Json> {
  const value = settings['panelist.providers']
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function own(settings: Settings): Record<string, Json> {
  const isDemo = (entry: Json) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry) && entry['demo'] === true
  return Object.fromEntries(Object.entries(providersOf(settings)).filter(([, entry]) => !isDemo(entry)))
}
