/**
 * What the page remembers of its reader, in this browser and nowhere else.
 *
 * Where the browser keeps nothing (a private window, a setting), nothing is remembered, and that is all.
 */

/** @param {string} name */
export function recall(name) {
  try {
    return localStorage.getItem(name) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It is for this visit only, then.
  }
}
