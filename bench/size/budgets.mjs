/** Bytes of brotli 11 that a client may add to an application, with each bundler. */
export const BYTES = {
  rungs: 16_400,
  'rungs-core-websocket': 12_200,
  'rungs-diagnose': 13_700,
}

/** All five transports against Socket.IO's client, which has two, in the same bundler and run. */
export const SHARE = 1.39

/** `dist/rungs.js`, as a server sends it to a script tag. */
export const SCRIPT = 16_900

/** Each budget with what was measured: `added` for each client by bundler, `script` for `dist/rungs.js`. */
export function judge({ added, script }) {
  const bytes = Object.entries(BYTES).flatMap(([client, budget]) =>
    Object.entries(added[client]).map(([bundler, size]) => ({
      what: `${client} with ${bundler}, bytes`,
      value: size,
      budget,
    })),
  )
  const shares = Object.entries(added.rungs).map(([bundler, size]) => ({
    what: `rungs with ${bundler}, of what socket.io-client adds`,
    value: Math.round((size / added['socket.io-client'][bundler]) * 1_000) / 1_000,
    budget: SHARE,
  }))
  return [...bytes, ...shares, { what: 'dist/rungs.js, bytes', value: script, budget: SCRIPT }].map(
    (each) => ({ ...each, ok: each.value <= each.budget }),
  )
}
