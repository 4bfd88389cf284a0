import type { Plain } from './tab.ts'

/** A message as JSON: itself, or the bytes of a binary one. */
export type Sample = { readonly json: Plain } | { readonly bytes: readonly number[] }

const texts = [
  '',
  'plain',
  '\0',
  'a\0b',
  '\ud800',
  'high\udbff',
  '\udc00low',
  '\udfff\ud800 wrong way round',
  '😀 é \ufeff \x7f\x80',
  '\r',
  '\r\n\n\r',
  'data: looks like an event\n\nid: 1\n\n',
  '\u2028 and \u2029',
  '</script><script>throw 1</script><!--',
  '"\\u0000\\',
]

const values: Plain[] = [
  null,
  true,
  false,
  0,
  -1.5e-7,
  1e21,
  [],
  {},
  [[[]]],
  { '': { '\ud800': ['\0', '\u2028'] } },
]

const binaries = [[], [0], [0, 13, 10, 255, 254, 128], Array.from({ length: 256 }, (_, i) => i)]

export const samples: Sample[] = [
  ...texts.map((json) => ({ json })),
  ...values.map((json) => ({ json })),
  ...binaries.map((bytes) => ({ bytes })),
]

export const toSample = (data: unknown): Sample =>
  data instanceof Uint8Array ? { bytes: [...data] } : { json: data as Plain }
