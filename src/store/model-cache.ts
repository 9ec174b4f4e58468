import { parseJson } from '../shared/json.ts'
import type { ModelInfo } from '../shared/model.ts'
import type { Context } from './context.ts'
import type { ModelCache } from './store.ts'

export function createModelCache({ database, report, reading }: Context): ModelCache {
  const find = database.prepare('SELECT models, fetched_at FROM model_cache WHERE key = ?')
  const save = database.prepare('INSERT OR REPLACE INTO model_cache (key, models, fetched_at) VALUES (?, ?, ?)')
  return {
    get(key) {
      const row = reading.one(`The stored model list of ${key}`, undefined, () => find.get(key))
      if (!row) return undefined
      const models = parseJson(String(row.models))
      if (Array.isArray(models)) return { models: models as unknown as ModelInfo[], fetchedAt: Number(row.fetched_at) }
      report(`The stored model list of ${key} is damaged and will be fetched again.`)
      return undefined
    },
    set: (key, { models, fetchedAt }) => void save.run(key, JSON.stringify(models), fetchedAt),
  }
}
