/** The messages, newest last, grouped by day. */
const MOST = 500
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' })
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })

function element(tag, className, content) {
  const node = document.createElement(tag)
  node.className = className
  node.textContent = content
  return node
}

/** The text with its links: everything else stays text. */
function withLinks(text) {
  const fragment = document.createDocumentFragment()
  for (const part of text.split(/(https?:\/\/[^\s<>"]+)/)) {
    if (/^https?:/.test(part)) {
      const link = element('a', 'link', part)
      link.href = part
      link.rel = 'noreferrer'
      link.target = '_blank'
      fragment.append(link)
    } else fragment.append(part)
  }
  return fragment
}

export function createList(root) {
  let day = ''

  function startDay(time) {
    const next = DAY.format(time)
    if (next === day) return
    day = next
    root.append(element('li', 'day', day))
  }

  return {
    add({ name, body, time }) {
      const atEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 40
      startDay(time)
      const item = element('li', 'message', '')
      const about = element('time', 'time', TIME.format(time))
      about.dateTime = new Date(time).toISOString()
      item.append(element('strong', 'name', name), about, withLinks(body))
      root.append(item)
      while (root.children.length > MOST) root.firstElementChild.remove()
      if (atEnd) item.scrollIntoView({ block: 'end', behavior: 'smooth' })
    },
    clear() {
      day = ''
      root.replaceChildren()
    },
  }
}
