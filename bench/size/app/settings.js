/** The user's settings, kept for the next visit. A browser may refuse storage. */
const PREFIX = 'chat.'

export function load(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key)) ?? otherwise
  } catch {
    return otherwise
  }
}

export function save(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}
