/**
 * Preloaded (`node --import`), makes a process and its children believe that no browser is installed: files of browsers
 * do not exist, and cannot be started. So a check that has come to need one fails everywhere, not in CI alone.
 */
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Programs by the names that Debian and Playwright give them, and all that Playwright has downloaded. */
const BROWSER =
  /ms-playwright|(^|\/)(chromium|chromium-browser|chrome|google-chrome|firefox|firefox-esr|MiniBrowser|WebKitWebDriver|WPEWebDriver|cog)$/

const { existsSync } = fs
fs.existsSync = (path) => !BROWSER.test(String(path)) && existsSync(path)

const hidden = (file) => (BROWSER.test(file) ? `${file}-is-hidden` : file)

// `spawn`, `execFile`, `exec` and `fork` all start here.
const { prototype } = childProcess.ChildProcess
const { spawn } = prototype
prototype.spawn = function (options) {
  return spawn.call(this, { ...options, file: hidden(options.file) })
}
for (const name of ['spawnSync', 'execFileSync']) {
  const start = childProcess[name]
  childProcess[name] = (file, ...rest) => start(hidden(file), ...rest)
}

syncBuiltinESMExports()
