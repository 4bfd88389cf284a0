import { diagnose } from 'rungs/diagnose'

export function open(url, { onMessage, onState }) {
  const controller = new AbortController()
  void diagnose(url, { signal: controller.signal }).then((report) => {
    onMessage({ name: 'network', body: report.text, time: Date.now() })
    onState(report.summary)
  })
  return { send() {}, close: () => controller.abort() }
}
