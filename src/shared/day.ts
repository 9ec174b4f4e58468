/** Days of the calendar where the person is: `2026-11-21`. Texts of this shape compare as the days do. */
export type Day = string

const two = (value: number): string => String(value).padStart(2, '0')

/** The day of this moment, in epoch milliseconds. What was before the year 0 is the first day of it. */
export function dayOf(time: number): Day {
  const date = new Date(time)
  if (date.getFullYear() < 0) return '0000-01-01'
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The first moment of a day, in epoch milliseconds. */
export function startOf(day: Day): number {
  return dateOf(day).getTime()
}

/** The day so many days later, or earlier where negative. */
export function daysAfter(day: Day, count: number): Day {
  const date = dateOf(day)
  date.setDate(date.getDate() + count)
  return dayOf(date.getTime())
}

/** Every day from one to another, both among them; the last ones where there are more than `limit`. */
export function daysBetween(from: Day, to: Day, limit = 4000): Day[] {
  const days: Day[] = []
  const earliest = daysAfter(to, 1 - limit)
  for (let day = from > earliest ? from : earliest; day <= to; day = daysAfter(day, 1)) days.push(day)
  return days
}

function dateOf(day: Day): Date {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number)
  const first = new Date(2000, 0, 1)
  // Years below 100 are those of the twentieth century for the constructor.
  first.setFullYear(year, month - 1, date)
  return first
}
