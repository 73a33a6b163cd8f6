/**
 * Keeps the place where words are added in view, as long as the reader wants that.
 *
 * The reader's own scrolling always wins: up ends it, back down to the newest words takes it up again. Knows the
 * viewport and one element's place in it; does not know what the element is. Never moves the focus.
 */

/** Pixels of air kept under the newest words. */
const AIR = 48;

/** Pixels from the document's end that count as being there. */
const SLACK = 4;

export class Scroll {
  /** @type {() => HTMLElement | undefined} */
  #edge;
  #bar;
  #top = window.scrollY;
  #onScroll = () => this.#notice();
  #onReader;

  /** Whether the view follows. */
  isFollowing;

  /**
   * @param {() => HTMLElement | undefined} edge where words are being added
   * @param {Element} bar covers the foot of the view
   * @param {boolean} isFollowing
   * @param {() => void} onReader the reader has scrolled
   */
  constructor(edge, bar, isFollowing, onReader) {
    this.#edge = edge;
    this.#bar = bar;
    this.#onReader = onReader;
    this.isFollowing = isFollowing;
    window.addEventListener('scroll', this.#onScroll, { passive: true });
  }

  leave() {
    window.removeEventListener('scroll', this.#onScroll);
  }

  /** Brings the newest words into view if the view follows. To be called after each change. */
  keep() {
    const edge = this.#edge();
    if (!edge || !this.isFollowing) return;
    const { top, bottom } = edge.getBoundingClientRect();
    const lowest = Math.min(window.innerHeight, this.#bar.getBoundingClientRect().top) - AIR;
    // A speech that begins beside a long one begins above: then its head is wanted, not its foot.
    const distance = bottom > lowest ? bottom - lowest : bottom < AIR ? top - AIR : 0;
    if (distance) window.scrollBy({ top: distance, behavior: 'instant' });
    this.#top = window.scrollY;
  }

  #notice() {
    const moved = window.scrollY - this.#top;
    if (moved === 0) return;
    this.#top = window.scrollY;
    const isAtEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - SLACK;
    const bottom = this.#edge()?.getBoundingClientRect().bottom ?? 0;
    this.isFollowing = isAtEnd || (moved > 0 && bottom <= window.innerHeight);
    this.#onReader();
  }
}
