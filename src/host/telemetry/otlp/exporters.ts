/** The exporters of the OpenTelemetry SDK, asked to send only while they may, and heard out on what came of it. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { describe } from '../../log.ts'
import type { ExporterOptions } from '../facts.ts'

type Items<Class extends { export: (items: never, told: never) => void }> = Parameters<Class['export']>[0]
type Told = Parameters<OTLPTraceExporter['export']>[1]

const SUCCESS = 0

export function spanExporter(options: ExporterOptions): OTLPTraceExporter {
  return new (class extends OTLPTraceExporter {
    override export(items: Items<OTLPTraceExporter>, told: Told): void {
      if (options.allowed()) super.export(items, heard(options, told))
      else told({ code: SUCCESS })
    }
  })({ url: `${options.endpoint}/v1/traces`, headers: headersOf(options) })
}

export function metricExporter(options: ExporterOptions): OTLPMetricExporter {
  return new (class extends OTLPMetricExporter {
    override export(items: Items<OTLPMetricExporter>, told: Told): void {
      if (options.allowed()) super.export(items, heard(options, told))
      else told({ code: SUCCESS })
    }
  })({ url: `${options.endpoint}/v1/metrics`, headers: headersOf(options) })
}

/** The SDK tries again by itself, and asks for these each time: it is the last moment to keep what is not wanted any more. */
function headersOf({ headers, allowed }: ExporterOptions): ExporterOptions['headers'] {
  return async () => {
    const carried = await headers()
    if (!allowed()) throw new Error('Nobody wants this any more.')
    return carried
  }
}

const heard =
  ({ exported, allowed }: ExporterOptions, told: Told): Told =>
  (result) => {
    if (allowed()) exported(result.code === SUCCESS ? undefined : describe(result.error ?? 'no answer'))
    told(result)
  }

/**
 * The SDK reads variables of the environment when its parts are made: headers and certificates that are for another
 * collector, and attributes of another service. None of them is to count here. The work must be synchronous.
 */
export function withoutEnvironment<T>(work: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_'))
  for (const [name] of hidden) delete process.env[name]
  try {
    return work()
  } finally {
    for (const [name, value] of hidden) process.env[name] = value
  }
}
