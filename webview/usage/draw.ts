/** One chart with uPlot, in the colours of the theme. */
import uPlot from 'uplot'
import { startOf } from '../../src/shared/day.ts'
import { date } from './words.ts'
import type { ChartData, Colour } from './series.ts'

const DARK: Record<Colour, string> = {
  blue: '#3794ff',
  orange: '#d18616',
  green: '#89d185',
  purple: '#b180d7',
  red: '#f14c4c',
  yellow: '#cca700',
}
const LIGHT: Record<Colour, string> = { ...DARK, blue: '#1a85ff', green: '#388a34', purple: '#652d90', red: '#e51400' }

export function colourOf(colour: Colour): string {
  const isLight = document.body.matches('.vscode-light, .vscode-high-contrast-light')
  return styled(`--vscode-charts-${colour}`) || (isLight ? LIGHT : DARK)[colour]
}

const styled = (name: string): string => getComputedStyle(document.body).getPropertyValue(name).trim()

const DAY = 86_400

/** `pointed`: the place of the day under the pointer. */
export function draw(
  { days, lines, stacked, axis }: ChartData,
  size: { width: number; height: number },
  target: HTMLElement,
  pointed: (place: number | undefined) => void,
): uPlot {
  const times = days.map((day) => startOf(day) / 1000)
  const text = styled('--vscode-descriptionForeground') || styled('--vscode-foreground')
  const isContrast = styled('--vscode-contrastBorder') !== ''
  const grid = isContrast ? '#8886' : styled('--vscode-panel-border') || '#8884'
  const font = `11px ${styled('--vscode-font-family') || 'sans-serif'}`
  const background = styled('--vscode-editor-background')
  const bars = uPlot.paths.bars!({ size: [0.75, 28], radius: stacked && days.length < 60 ? 0.1 : 0 })
  const stack = stacked ? stackOf(lines.map(({ values }) => values)) : lines.map(({ values }) => values)
  const series = lines.map(({ label, colour, dashed }): uPlot.Series => {
    const paint = colourOf(colour)
    if (stacked) return { label, fill: paint, stroke: background, width: 0, paths: bars, points: { show: false } }
    const points = { show: days.length < 60, size: 5, fill: paint }
    return { label, stroke: paint, width: 2, points, spanGaps: true, ...(dashed && { dash: [5, 4] }) }
  })
  const side = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } }
  return new uPlot(
    {
      ...size,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: !stacked }, y: false },
      scales: {
        x: { time: true, range: () => [(times[0] ?? 0) - DAY * 0.6, (times.at(-1) ?? 0) + DAY * 0.6] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
      },
      axes: [
        {
          ...side,
          grid: { show: false },
          space: 60,
          size: 28,
          splits: (_, __, from, to) => daysToName(times, from, to, size.width),
          values: (_, splits) => splits.map((split) => nameOf(split)),
        },
        { ...side, size: 58, space: 34, values: (_, splits) => splits.map((split) => axis(split)) },
      ],
      // What lies on top is drawn first, and what is below it over it.
      series: [{}, ...(stacked ? series.toReversed() : series)],
      hooks: { setCursor: [({ cursor }) => pointed(cursor.idx ?? undefined)] },
    },
    [times, ...(stacked ? stack.toReversed() : stack)] as uPlot.AlignedData,
    target,
  )
}

/** Each line on the sum of those before it. */
function stackOf(lines: (number | null)[][]): number[][] {
  let below: number[] = []
  return lines.map((values) => (below = values.map((value, place) => (value ?? 0) + (below[place] ?? 0))))
}

/** As many days as have room for their names, evenly. */
function daysToName(times: number[], from: number, to: number, width: number): number[] {
  const room = Math.max(2, Math.floor((width - 60) / 70))
  const step = Math.max(1, Math.ceil(times.length / room))
  return times.filter((time, place) => time >= from && time <= to && (times.length - 1 - place) % step === 0)
}

function nameOf(seconds: number): string {
  const moment = new Date(seconds * 1000)
  const day = `${moment.getFullYear()}-${moment.getMonth() + 1}-${moment.getDate()}`
  return date(day)
}
