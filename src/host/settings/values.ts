/** Values of the settings file, which may hold anything. */
import { LONGEST_TIMER } from '../../resilience/clock.ts'

export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

export function tokens(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}

/** 0 or more. */
export function count(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fallback
}

/** Seconds of the settings as milliseconds, at most as many as a timer can wait for. */
export function milliseconds(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? Math.min(value * 1000, LONGEST_TIMER) : fallback
}

export function strings(value: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((each) => text(each) ?? []) : []
}
