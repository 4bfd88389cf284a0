/** @param {string} id */
export const $ = (id) => document.getElementById(id)

/**
 * Makes an element. What others wrote becomes text, never markup.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** @param {Element} button @param {boolean} pressed */
export const press = (button, pressed) => button.setAttribute('aria-pressed', String(pressed))

/** @param {Date} [date] */
export const clock = (date = new Date()) => date.toTimeString().slice(0, 8)
