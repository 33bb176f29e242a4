import { textOf } from './values.js';

/** Escapes text where the chart expects HTML. Names come from other users. @param {unknown} value */
export function escapeHtml(value) {
  return textOf(value, '').replace(
    /[&<>"'`]/g,
    character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' })[character]
  );
}

/**
 * Creates an element. Text is set as text, never as HTML.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] `class`, `text`, `on…` listeners, or attributes
 * @param {...(Node | string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);

  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') {
      node.textContent = textOf(value, '');
    } else if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else if (name.startsWith('--')) {
      node.style.setProperty(name, value);
    } else if (value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children);
  return node;
}

/** "1 day", "3 days". */
export function count(number, noun) {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
