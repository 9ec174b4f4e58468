import { RateBook } from '../../shared/rate-book.ts'
import type { Rates } from '../contract/rates.ts'

/** For the one window there is. */
export function createMemoryRates(): Rates {
  return new RateBook().view('this')
}
