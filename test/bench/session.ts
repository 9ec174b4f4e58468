/** One VS Code from its start to its end, and the samples it gives. */
import type { Part, Samples } from './parts.ts'
import { sizes } from './parts.ts'
import type { Provider } from './provider.ts'
import { Stage } from './stage.ts'
import type { Subject } from './subject.ts'

/** Adds to `samples`. A part that fails is told to `fail`, and costs its own figures only. */
export async function runSession(
  subject: Subject,
  provider: Provider,
  parts: readonly Part[],
  samples: Samples,
  fail: (problem: string) => void,
): Promise<void> {
  const add = (figure: string, ...values: number[]): void => {
    samples[figure] = [...(samples[figure] ?? []), ...values]
  }
  const stage = await Stage.open(subject, provider, sizes)
  try {
    if (subject.name !== 'none') add('click', await stage.openPanel())
    for (const part of parts) {
      await part.run(stage, add).catch((error: unknown) => fail(`${part.figures[0]}: ${String(error)}`))
    }
  } finally {
    await stage.close()
  }
}
