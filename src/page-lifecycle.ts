import type { Off } from './types.ts'

export interface PageEvents {
  /** The page goes away: into the back/forward cache, or for good. */
  hide(cached: boolean): void
  /** The page came back from the cache. */
  show(): void
  /** The page is looked at again, or runs again; or the network has changed. */
  wake(changed?: boolean): void
}

/**
 * Follows the life of the page. Never listens to `unload` or `beforeunload`, which keep a page out of the back/forward
 * cache.
 */
export function watchPage(on: PageEvents): Off {
  const wake = (): void => {
    if (!document.hidden) on.wake()
  }
  const change = (): void => on.wake(true)
  const { connection } = navigator as { connection?: EventTarget }
  const listeners: { readonly [name: string]: (event: PageTransitionEvent) => void } = {
    pagehide: ({ persisted }) => on.hide(persisted),
    pageshow: ({ persisted }) => persisted && on.show(),
    online: change,
    visibilitychange: wake,
    resume: wake,
  }
  const each = (method: 'addEventListener' | 'removeEventListener'): void => {
    connection?.[method]?.('change', change)
    // The window sees the document's events, too, as they are on their way down (DOM standard, 2.9).
    for (const name in listeners) window[method](name, listeners[name] as EventListener, true)
  }
  each('addEventListener')
  return () => each('removeEventListener')
}
