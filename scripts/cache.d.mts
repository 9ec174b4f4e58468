/** Types of `cache.mjs`, which stays JavaScript because it runs before a Node that strips types is there. */
export function cacheFolder(): string
export function withLock<T>(name: string, work: () => T | Promise<T>): Promise<T>
export function installOnce(
  name: string,
  isWhole: (folder: string) => boolean,
  fill: (partial: string) => void | Promise<void>,
): Promise<string>
export function say(line: string): void
export function step<T>(label: string, work: () => T | Promise<T>): Promise<T>
