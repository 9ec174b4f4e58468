/** A collector on loopback that takes OTLP over HTTP as JSON, and keeps what it was sent as plain values. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = { stringValue?: string; intValue?: number | string; doubleValue?: number; boolValue?: boolean } & {
  arrayValue?: { values: Value[] }
}
type Attribute = { key: string; value: Value }
type Plain = string | number | boolean | Plain[]
type Sent = {
  resourceSpans?: { resource: { attributes: Attribute[] }; scopeSpans: { spans: WireSpan[] }[] }[]
  resourceMetrics?: { scopeMetrics: { metrics: WireMetric[] }[] }[]
}
type WireSpan = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: Attribute[]
  status: { code?: number; message?: string }
}
type Point = { attributes: Attribute[]; count?: number | string; sum?: number; asDouble?: number }
type WireMetric = { name: string; unit: string; histogram?: { dataPoints: Point[] }; sum?: { dataPoints: Point[] } }

export type SeenSpan = Omit<WireSpan, 'attributes'> & { attributes: Record<string, Plain> }
export type SeenPoint = { name: string; unit: string; attributes: Record<string, Plain>; count: number; sum: number }

export type Collector = AsyncDisposable & {
  endpoint: string
  /** Every request as it came. */
  requests: { path: string; headers: IncomingHttpHeaders; body: string }[]
  spans(): SeenSpan[]
  /** Of the last export of metrics. */
  points(): SeenPoint[]
  resource(): Record<string, Plain>
  /** The status it answers with from now on; `first`: what happens before the next answer. */
  answers(status: number, headers?: Record<string, string>, first?: () => void): void
}

export async function startCollector(): Promise<Collector> {
  const requests: Collector['requests'] = []
  let status = 200
  let more: Record<string, string> = {}
  let before: (() => void) | undefined
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers, body })
      before?.()
      before = undefined
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bodies = (path: string): Sent[] =>
    requests.filter((each) => each.path === path).map(({ body }) => JSON.parse(body) as Sent)
  const traces = (): NonNullable<Sent['resourceSpans']> => bodies('/v1/traces').flatMap((sent) => sent.resourceSpans!)
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () =>
      traces()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map((span) => ({ ...span, attributes: plain(span.attributes) })),
    points: () =>
      (bodies('/v1/metrics').at(-1)?.resourceMetrics ?? [])
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
        .flatMap(pointsOf),
    resource: () => plain(traces()[0]?.resource.attributes ?? []),
    answers(next, headers = {}, first) {
      status = next
      more = headers
      before = first
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const pointsOf = ({ name, unit, histogram, sum }: WireMetric): SeenPoint[] =>
  (histogram ?? sum)!.dataPoints.map((point) => ({
    name,
    unit,
    attributes: plain(point.attributes),
    count: Number(point.count ?? 1),
    sum: point.sum ?? point.asDouble ?? 0,
  }))

const plain = (attributes: Attribute[]): Record<string, Plain> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)]))

function plainOf({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): Plain {
  if (arrayValue) return arrayValue.values.map(plainOf)
  return stringValue ?? doubleValue ?? boolValue ?? Number(intValue)
}
