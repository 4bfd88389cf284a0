/** What the parts of the proxy know of each other. Nothing here runs: Node 20 loads the `.mjs` files alone. */

/** A line that all connections share, one way. */
export interface Bottleneck {
  /** Bytes that may pass in one go. */
  readonly slice: number
  /** Takes the next free place on the line from `earliest` on; returns when the last byte is through. */
  reserve(bytes: number, earliest: number): number
}

/** How a lane is at the moment. */
export interface Conditions {
  readonly delay: number
  readonly jitter: number
  readonly bottleneck?: Bottleneck | undefined
}

/** Where a lane delivers. */
export interface Outlet {
  /** False: full, the lane waits for `resume`. */
  write(chunk: Buffer): boolean
  end(): void
  close(): void
}

/** Where an answer is written: a `ServerResponse`, or a bare connection. */
export interface Answer {
  readonly started: boolean
  head(status: number, message: string, rawHeaders: readonly string[]): void
  /** False: full, wait for `onDrain`. */
  write(chunk: Buffer): boolean
  end(): void
  onDrain(listener: () => void): void
}
