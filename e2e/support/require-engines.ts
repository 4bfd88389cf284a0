/**
 * Playwright's global setup. A run with `REQUIRE_ALL_BROWSERS=1` ends here, before its first test, if an engine is
 * missing. Loading the configuration must not fail for that: knip and editors load it on machines without browsers.
 */
import { findEngines } from './engines.ts'

export default function requireEngines(): void {
  const { missing } = findEngines(process.env)
  if (process.env.REQUIRE_ALL_BROWSERS === '1' && missing.length > 0) {
    throw new Error(
      `REQUIRE_ALL_BROWSERS=1 asks for every engine, and here is no ${missing.map(({ name }) => name).join(', no ')}; ` +
        'run `npm run browsers`, or see e2e/README.md',
    )
  }
}
