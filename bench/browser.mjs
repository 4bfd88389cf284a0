import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Playwright's own Chromium if it is installed, else the system's.
 *
 * @param {import('@playwright/test').LaunchOptions} options more of them
 */
export function launch({ args = [], ...options } = {}) {
  const executablePath = [chromium.executablePath(), ...SYSTEM].find((path) => existsSync(path))
  if (!executablePath) throw new Error('No Chromium found: npx playwright install chromium')
  // Containers run as root, where Chromium refuses to start with its sandbox.
  return chromium.launch({
    ...options,
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', ...args],
  })
}
