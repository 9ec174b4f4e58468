/**
 * A window of its own that spends, as a process: `node spender.ts <database> <name> <count>`. Says that it is ready, waits for
 * `<database>.go`, makes so many requests, several at a time, under one budget of 1 USD for all windows, and prints what it
 * paid. `hold` as a name: it holds 0.8 USD, says so, and stays.
 */
import { existsSync } from 'node:fs'
import { openStore } from '../../src/store/open.ts'

const [path = '', name = '', count = '0'] = process.argv.slice(2)
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const caps = [{ of: 'all', since: 0, limit: 1 } as const]
const { store } = openStore({ path })

const hold = (id: string, amount: number): boolean =>
  store.budget.reserve({ id, at: Date.now(), amount, credits: 0 }, caps).held

if (name === 'hold') {
  hold('held', 0.8)
  console.log('held')
  setInterval(() => store.heartbeat(), 1_000)
} else {
  console.log('ready')
  while (!existsSync(`${path}.go`)) await wait(1)
  let paid = 0
  const request = async (id: string): Promise<void> => {
    if (!hold(id, 0.02)) return
    await wait(Math.random() * 4)
    if (Math.random() < 0.2) return store.budget.refund(id)
    const amount = 0.01 + Math.random() * 0.01
    store.budget.settle(id, { amount, credits: 0 })
    paid += amount
  }
  for (let at = 0; at < Number(count); at += 4)
    await Promise.all([0, 1, 2, 3].map((lane) => request(`${name} ${at + lane}`)))
  console.log(paid)
  store.close()
}
