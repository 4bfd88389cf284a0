import type { Unsubscribe } from '../event.ts'

/** Events in the life of a page. */
export interface PageEvents {
  /** The page goes away: into the back/forward cache, or for good. */
  onHide(cached: boolean): void
  /** The page came back from the back/forward cache. */
  onShow(): void
  /** The page is visible again or was resumed after a freeze: what was open may have died meanwhile. */
  onWake(): void
  /** The network has changed. */
  onNetworkChange(): void
}

/** Whether somebody may look at the page. */
export const isPageVisible = (): boolean => !document.hidden

/**
 * Follows the life of the page (HTML standard, 7.4.6; Page Lifecycle, 2). Never listens to `unload` or `beforeunload`,
 * which keep a page out of the back/forward cache.
 */
export function watchPage(on: PageEvents): Unsubscribe {
  const wake = (): void => {
    if (isPageVisible()) on.onWake()
  }
  const networkChange = (): void => on.onNetworkChange()
  const listeners: { readonly [name: string]: (event: PageTransitionEvent) => void } = {
    pagehide: ({ persisted }) => on.onHide(persisted),
    pageshow: ({ persisted }) => persisted && on.onShow(),
    online: networkChange,
    visibilitychange: wake,
    resume: wake,
  }
  const { connection } = navigator as { connection?: EventTarget }
  const forEachTarget = (method: 'addEventListener' | 'removeEventListener'): void => {
    connection?.[method]?.('change', networkChange)
    // Capturing listeners of the window also see the events of the document (DOM standard, 2.9).
    Object.keys(listeners).forEach((name) => {
      window[method](name, listeners[name] as EventListener, true)
    })
  }
  forEachTarget('addEventListener')
  return () => forEachTarget('removeEventListener')
}
