/** What is told to a team's collector. All of it comes from the person's own settings. */
import { isObject } from '../../shared/json.ts'
import { strings, text } from './values.ts'

export type TelemetrySettings = {
  /** Base address of a collector that speaks OTLP over HTTP, without a slash at its end; absent: nothing is sent. */
  endpoint?: string
  /** Prompts, answers, arguments and results are sent as well, once the person agreed to that. */
  captureContent: boolean
  /** What describes this person or window to the collector: `team.name`, `user.id`. */
  attributes: Record<string, string>
}

export const noTelemetry: TelemetrySettings = { captureContent: false, attributes: {} }

/** Adds a sentence to `problems` where a value cannot be used. */
export function readTelemetry(
  endpoint: unknown,
  captureContent: unknown,
  attributes: unknown,
  problems: string[],
): TelemetrySettings {
  const address = readEndpoint(text(endpoint), problems)
  return {
    captureContent: captureContent === true,
    attributes: isObject(attributes) ? strings(attributes) : {},
    ...(address !== undefined && { endpoint: address }),
  }
}

function readEndpoint(value: string | undefined, problems: string[]): string | undefined {
  if (value === undefined) return undefined
  const url = URL.parse(value)
  const why =
    url?.protocol !== 'http:' && url?.protocol !== 'https:'
      ? 'is no address of the web'
      : url.username || url.password
        ? 'holds a name or a password: those belong into “Panelist: Set Telemetry Headers...”'
        : url.search || url.hash
          ? 'has a ? or # in it'
          : undefined
  if (why === undefined) return url?.href.replace(/\/+$/, '')
  problems.push(`panelist.telemetry.endpoint ${why}. Nothing is sent. Use one like http://localhost:4318.`)
  return undefined
}
