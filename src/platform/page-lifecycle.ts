import type { Off } from '../types.ts'

/**
 * Follows the life of the page, and the signal of the application. Never listens to `unload` or `beforeunload`, which
 * keep a page out of the back/forward cache.
 * @param hide The page goes away: into the back/forward cache, or for good.
 * @param show The page came back from the cache.
 * @param wake The page is looked at again, or the network has changed. Of a page that was frozen the alarm tells, which is late.
 * @param abort The application has aborted its signal.
 */
export function watchPage(
  hide: (cached: boolean) => void,
  show: () => void,
  wake: (changed?: boolean) => void,
  abort: () => void,
  signal?: AbortSignal,
): Off {
  const look = (): void => {
    if (!document.hidden) wake()
  }
  const change = (): void => wake(true)
  const { connection } = navigator as { connection?: EventTarget }
  const listeners: { readonly [name: string]: (event: PageTransitionEvent) => void } = {
    pagehide: ({ persisted }) => hide(persisted),
    pageshow: ({ persisted }) => persisted && show(),
    online: change,
    visibilitychange: look,
  }
  const each = (method: 'addEventListener' | 'removeEventListener'): void => {
    signal?.[method]('abort', abort)
    connection?.[method]?.('change', change)
    // The window sees the document's events, too, as they are on their way down (DOM standard, 2.9).
    for (const name in listeners) window[method](name, listeners[name] as EventListener, true)
  }
  each('addEventListener')
  return () => each('removeEventListener')
}
