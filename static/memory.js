/** What this browser remembers of its reader; nothing, where it keeps nothing. */

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
    // For this visit only, then.
  }
}
