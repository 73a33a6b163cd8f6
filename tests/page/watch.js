// Runs in every document before anything else of it, and tells of what is not the page's own.
(() => {
  /** @param {string} tags */
  const set = (tags) => new Set(tags.toUpperCase().split(' '));
  const HEAD = set('link meta script style title');
  const BODY = set(
    'a article aside bdi blockquote body br button code dd details dialog div dl dt em fieldset footer form h1 h2 h3 h4 h5 ' +
      'header hr input kbd label legend li main nav noscript ol optgroup option p pre q s section select span strong summary ' +
      'table caption tbody td template textarea th thead tr ul',
  );
  // What nobody has among the words of others.
  const ASKING = set('button details dialog fieldset form input option select summary template textarea');
  const WORDS = 
    '.speech, .said, h1[id], .name, .model, .note, .warning, .verdict p, .vote table, dd, li > a, article > p, article > h4';
  const ATTRIBUTES = /^(aria-\w+|class|data-\w+|dir|hidden|id|lang|role|start|style|tabindex|title|type|value)$/;
  const OF_CONTROLS = /^(autocomplete|download|for|label|maxlength|method|min|name|novalidate|open|placeholder|readonly|required|rows|step)$/;
  const OF_METAS = /^(charset|content|http-equiv|name)$/;
  const OWN_STYLE = /^(--row: \d+|pointer-events: none)?;?$/;
  const ADDRESS = /^(https?|mailto):$/;
  const isFile = location.protocol === 'file:';

  const told = [];
  const flush = () => __tell(told.splice(0));
  const tell = (what) => told.push(what) === 1 && setTimeout(flush);
  window.addEventListener('pagehide', () => told.length && flush());

  /** Whether it goes where no words may lead, or does not say where. */
  const leads = ({ protocol, host, pathname, textContent, target, rel }) =>
    !ADDRESS.test(protocol) ||
    (host && host === location.host) ||
    !textContent.toLowerCase().includes(host || pathname) ||
    !(isFile || (target === '_blank' && rel === 'noopener noreferrer'));

  const isNear = ({ origin }) => origin === location.origin;
  const isOwnPart = ({ src, href }) => URL.canParse(src || href) && (src || href).startsWith(`${origin}/static/`);

  const inHead = (element) =>
    HEAD.has(element.tagName) &&
    (!/^(LINK|SCRIPT)$/.test(element.tagName) || isOwnPart(element)) &&
    (element.tagName !== 'STYLE' || isFile) &&
    (element.tagName !== 'META' || element.getAttributeNames().every((name) => OF_METAS.test(name))) &&
    !/refresh|cookie/i.test(element.httpEquiv ?? '');

  const inBody = (element) =>
    element.namespaceURI === 'http://www.w3.org/1999/xhtml' &&
    BODY.has(element.tagName) &&
    !(ASKING.has(element.tagName) && element.parentElement?.closest(WORDS)) &&
    [...element.attributes].every(({ name, value }) =>
      name === 'style' ? OWN_STYLE.test(value)
      : /^(href|rel|target)$/.test(name) ? element.tagName === 'A'
      : ATTRIBUTES.test(name) || (OF_CONTROLS.test(name) && !element.closest(WORDS)),
    ) &&
    !(element.tagName === 'A' && element.href && (isFile || !isNear(element) || element.closest('.speech')) && leads(element));

  const isOwn = (element) =>
    /^(HTML|HEAD)$/.test(element.tagName) || (document.head?.contains(element) ? inHead(element) : inBody(element));

  const look = (node) => {
    if (!(node instanceof Element)) return;
    for (const element of [node, ...node.querySelectorAll('*')]) {
      if (!isOwn(element)) tell(`element ${element.cloneNode().outerHTML}`);
    }
  };
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) (type === 'attributes' ? [target] : addedNodes).forEach(look);
  }).observe(document, { subtree: true, childList: true, attributes: true });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    tell(`blocked ${violatedDirective} ${blockedURI}`);
  });
  window.__canary = CANARY;
  // A fresh window may have two documents.
  Object.defineProperty(window, '__ran', { set: (number) => tell(`ran ${number}`), configurable: true });
})();
