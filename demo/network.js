/** The buttons that break the network. They speak to the proxy around the network that they break. */
import { $, press } from './dom.js'

const url = document.querySelector('meta[name=control]').content
const toggles = [...document.querySelectorAll('[data-break]')]
const acts = [...document.querySelectorAll('[data-act]')]
function render(broken) {
  for (const button of toggles) press(button, broken.includes(button.dataset.break))
  $('network').classList.toggle('broken', broken.length > 0)
  $('network-state').textContent =
    broken.length > 0 ? 'The network is broken.' : 'The network is fine.'
}

async function ask(order) {
  try {
    // A text body makes it a simple request, without a preflight.
    const answer = await fetch(url, order && { method: 'POST', body: JSON.stringify(order) })
    render(await answer.json())
  } catch {
    $('network-state').textContent =
      'The demo’s server is not there any more. Start it and reload this page.'
  }
}

for (const button of toggles) {
  button.onclick = () =>
    ask({ [button.dataset.break]: button.getAttribute('aria-pressed') !== 'true' })
}
for (const button of acts) button.onclick = () => ask({ [button.dataset.act]: true })

/** The network is everybody's: what another tab did to it is told over the channel, as soon as it lets that pass. */
export function showNetwork(socket) {
  socket.onMessage((data) => {
    if (data?.kind === 'network') render(data.broken)
  })
}

ask()
addEventListener('focus', () => ask())
