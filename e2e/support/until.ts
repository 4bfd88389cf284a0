/**
 * Polls until `check` gives something truthy, and returns that. For what has no event to await; `what` completes the
 * sentence "timed out waiting until …".
 */
export async function until<T>(
  what: string,
  check: () => T | PromiseLike<T>,
  { timeout = 10_000, interval = 20 }: { timeout?: number; interval?: number } = {},
): Promise<T> {
  const end = performance.now() + timeout
  for (;;) {
    const last = await check()
    if (last) return last
    if (performance.now() > end) {
      throw new Error(
        `timed out after ${timeout} ms waiting until ${what}; last seen: ${JSON.stringify(last)}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}
