/**
 * Small, typed ways to reach and make elements.
 *
 * Knows the document's templates by id. Does not know what any of them is for. Text enters the page only as text:
 * there is no way to markup from here, and the page's Trusted Types policy allows none.
 */

/**
 * The one element under `root` that matches; a page without it is a mistake, so that throws.
 *
 * @template {HTMLElement} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {{new (): T}} kind the element's class
 * @returns {T}
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`no ${kind.name} matches ${selector}`);
  return element;
}

/**
 * A fresh copy of what a template holds, which is always one element.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function copyOf(id) {
  const template = find(document, `#${id}`, HTMLTemplateElement);
  const element = template.content.firstElementChild?.cloneNode(true);
  if (!(element instanceof HTMLElement)) throw new Error(`template ${id} is empty`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {(Node | string)[]} content
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = '', ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

/**
 * @param {string} text
 * @param {() => unknown} onPress
 * @param {string} [className]
 */
export function button(text, onPress, className) {
  const made = make('button', className, text);
  made.type = 'button';
  made.addEventListener('click', onPress);
  return made;
}

/**
 * @param {string} text
 * @param {string} address
 * @param {string} [className]
 */
export function link(text, address, className) {
  const made = make('a', className, text);
  made.href = address;
  return made;
}

/**
 * Set an element's text only where it differs, so that a live region says nothing twice and selections survive.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Loads a style sheet once.
 *
 * @param {string} name of a file in `css/`
 * @returns {Promise<void>} when it is there, or cannot be had: the part that wants it works without
 */
export function style(name) {
  const loaded = sheets.get(name) ?? new Promise((resolve) => {
    const link = make('link');
    link.rel = 'stylesheet';
    link.href = `/static/css/${name}.css`;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  sheets.set(name, loaded);
  return loaded;
}

/** @type {Map<string, Promise<void>>} those that are asked for */
const sheets = new Map();
