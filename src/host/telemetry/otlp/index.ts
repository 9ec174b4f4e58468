/**
 * Traces and metrics in the GenAI semantic conventions of OpenTelemetry, sent as JSON by OTLP over HTTP
 * (https://github.com/open-telemetry/semantic-conventions-genai), by the names they had until version 1.41: those that are
 * not released yet still change. A bundle of its own, loaded where a collector is named.
 *
 * Nothing global is set: other extensions live in the same process. Spans are made of facts that are over, so only a
 * turn's own span is ever open.
 */
import { randomUUID } from 'node:crypto'
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { CallFacts, Exporter, ExporterOptions, RequestFacts, TurnFacts, TurnSpan } from '../facts.ts'
import { callAttributes, endAttributes, requestAttributes, toolName, turnAttributes } from './attributes.ts'
import { callContent, requestContent } from './content.ts'
import { metricExporter, spanExporter, withoutEnvironment } from './exporters.ts'
import { Instruments } from './instruments.ts'

const SCOPE = 'panelist'

export type Pace = {
  /** Milliseconds between exports of spans and of metrics. */
  spans: number
  metrics: number
}

export function openOtlp(options: ExporterOptions, pace: Pace = { spans: 5_000, metrics: 60_000 }): Exporter {
  const resource = resourceFromAttributes({
    ...clean(options.attributes, options.redact),
    'service.name': 'panelist',
    'service.version': options.version,
    'service.instance.id': randomUUID(),
  })
  const { traces, meters } = withoutEnvironment(() => ({
    traces: new TracerProvider({
      resource,
      spanProcessors: [new BatchSpanProcessor({ exporter: spanExporter(options), scheduledDelayMillis: pace.spans })],
    }),
    meters: new MeterProvider({
      resource,
      readers: [
        new PeriodicExportingMetricReader({
          exporter: metricExporter(options),
          exportIntervalMillis: pace.metrics,
          exportTimeoutMillis: Math.min(pace.metrics, 10_000),
        }),
      ],
    }),
  }))
  const tracer = traces.getTracer(SCOPE, options.version)
  const instruments = new Instruments(meters.getMeter(SCOPE, options.version))
  const drawer = new Drawer(tracer, instruments, options.redact)
  return {
    turn: (facts) => drawer.turn(facts),
    request: (facts) => drawer.request(facts, ROOT_CONTEXT),
    async close() {
      // Whether anything goes out of this is asked of `allowed` at each export.
      await Promise.allSettled([traces.shutdown(), meters.shutdown()])
    },
  }
}

class Drawer {
  readonly #tracer: Tracer
  readonly #instruments: Instruments
  readonly #redact: (text: string) => string

  constructor(tracer: Tracer, instruments: Instruments, redact: (text: string) => string) {
    this.#tracer = tracer
    this.#instruments = instruments
    this.#redact = redact
  }

  turn(facts: TurnFacts): TurnSpan {
    const name = facts.agent ? `invoke_agent ${facts.agent.name}` : 'invoke_agent'
    const span = this.#start(name, SpanKind.INTERNAL, facts.startedAt, turnAttributes(facts), ROOT_CONTEXT)
    const inside = trace.setSpan(ROOT_CONTEXT, span)
    return {
      request: (request) => this.request(request, inside, facts.agent),
      call: (call) => this.#call(call, inside, facts.agent),
      end: (end) => {
        span.setAttributes(clean(endAttributes(end), this.#redact))
        finish(span, end.endedAt, end.error)
        this.#instruments.turn(facts, end)
      },
    }
  }

  request(facts: RequestFacts, inside: Context, agent?: TurnFacts['agent']): void {
    const { model, startedAt, durationMs, failureCode } = facts.record
    const attributes = {
      ...requestAttributes(facts, agent),
      ...(facts.content && requestContent(facts.content, this.#redact)),
    }
    const span = this.#start(`chat ${model}`, SpanKind.CLIENT, startedAt, attributes, inside)
    finish(span, startedAt + durationMs, failureCode)
    this.#instruments.request(facts)
  }

  #call(facts: CallFacts, inside: Context, agent?: TurnFacts['agent']): void {
    const attributes = {
      ...callAttributes(facts, agent),
      ...(facts.content && callContent(facts.content, this.#redact)),
    }
    const span = this.#start(`execute_tool ${toolName(facts)}`, SpanKind.INTERNAL, facts.startedAt, attributes, inside)
    finish(span, facts.startedAt + facts.durationMs, facts.error)
    this.#instruments.call(facts, agent)
  }

  #start(name: string, kind: SpanKind, startTime: number, attributes: Attributes, inside: Context): Span {
    const kept = { kind, startTime, attributes: clean(attributes, this.#redact) }
    return this.#tracer.startSpan(this.#redact(name), kept, inside)
  }
}

/** The class of a failure is all that is told of it: its words may be the provider's, and hold what was sent. */
function finish(span: Span, endedAt: number, error: string | undefined): void {
  if (error !== undefined) {
    span.setAttribute('error.type', error)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
  span.end(endedAt)
}

/** No value leaves with a key in it, whatever it was made of. */
function clean<T extends Attributes>(attributes: T, redact: (text: string) => string): T {
  const entries = Object.entries(attributes).map(([name, value]) => [name, cleaned(value, redact)])
  return Object.fromEntries(entries) as T
}

function cleaned(value: Attributes[string], redact: (text: string) => string): Attributes[string] {
  if (typeof value === 'string') return redact(value)
  return Array.isArray(value)
    ? (value.map((each) => (typeof each === 'string' ? redact(each) : each)) as string[])
    : value
}
