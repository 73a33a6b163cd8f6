/**
 * Text to the clipboard, also where a page has none of its own (plain HTTP from another machine).
 */

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it is there
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByEvent(text);
  }
}

/**
 * The browser is told to copy, and then asks what. The reader's selection and focus stay as they are.
 *
 * @param {string} text
 */
function copyByEvent(text) {
  /** @param {ClipboardEvent} event */
  const answer = (event) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', answer);
  const isCopied = document.execCommand('copy');
  document.removeEventListener('copy', answer);
  return isCopied;
}
