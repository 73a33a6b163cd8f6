/* The table of debates: unpacked, filtered, sorted and shown a batch at a time, as text. */

/** @typedef {{of: string[], at: number[]}} Words */
/**
 * @typedef {{item: Words, topic: Words, format: Words, model: Words, which: Words, outcome: Words, said: Words,
 *   debate: string[], tokens: number[], cost: (number | null)[], told: number[]}} Columns
 */

const BATCH = 50;
const COLUMNS = /** @type {const} */ (["topic", "format", "model", "outcome", "tokens", "cost"]);

/** @param {string} id */
async function unpacked(id) {
  const text = document.getElementById(id)?.textContent ?? "";
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {HTMLElement} section */
async function show(section) {
  /** @type {Columns} */
  const columns = await unpacked("rows");
  const total = columns.debate.length;
  /** @param {"item" | "topic" | "format" | "model" | "which" | "outcome" | "said"} name @param {number} row */
  const word = (name, row) => columns[name].of[columns[name].at[row]];
  const priced = columns.cost.some((cost) => cost !== null);
  const together = Number(section.dataset.together);
  const address = section.dataset.address ?? "";
  const several = columns.model.of.length > 1;
  const kept = COLUMNS.filter((name) => (name !== "cost" || priced) && (name !== "model" || several));

  const wanted = { words: "", format: "", model: "", outcome: "" };
  /** @type {{by: typeof COLUMNS[number] | "", down: boolean}} */
  let order = { by: "", down: false };
  /** @type {number[]} */
  let found = [];
  let shown = 0;

  const tools = element("div", { class: "tools", role: "search", "aria-label": "Debates" });
  const count = element("p", { class: "count", role: "status" });
  const head = element("tr");
  const body = element("tbody");
  const more = element("button", { type: "button", class: "more" });
  const onPaper = element("p", { class: "on-paper" }, `${total.toLocaleString("en")} debates are listed in the file that this was printed from; where ${BATCH} or fewer are found there, they are printed.`);
  const table = element("table", {}, element("caption", { class: "unseen" }, "All debates of the run"), element("thead", {}, head), body);

  /** @param {string} label @param {HTMLElement} control */
  const labelled = (label, control) => tools.append(element("label", {}, label, control));
  const search = element("input", { type: "search", autocomplete: "off" });
  search.addEventListener("input", () => { wanted.words = search.value.toLowerCase(); find(); });
  labelled("Words to find", search);
  for (const name of /** @type {const} */ (["format", "model", "outcome"])) {
    if (columns[name].of.length < 2) continue;
    const options = [...columns[name].of].sort().map((one) => element("option", { value: one }, one));
    const choice = element("select", {}, element("option", { value: "" }, "all"), ...options);
    choice.addEventListener("change", () => { wanted[name] = choice.value; find(); });
    labelled(name[0].toUpperCase() + name.slice(1), choice);
  }
  for (const name of kept) {
    const press = element("button", { type: "button" }, name);
    press.addEventListener("click", () => sort(name));
    head.append(element("th", { scope: "col", class: name === "tokens" || name === "cost" ? "n" : "", "data-by": name }, press));
  }
  const isNamed = !address && columns.told.every((told) => told < 0);
  head.append(element("th", { scope: "col" }, isNamed ? "ID" : element("span", { class: "unseen" }, "transcript")));
  more.addEventListener("click", () => batch());
  section.querySelector(".packed")?.remove();
  section.append(tools, count, onPaper, table, more);
  find();

  /** @param {typeof COLUMNS[number]} name */
  function sort(name) {
    order = { by: name, down: order.by === name && !order.down };
    for (const cell of head.querySelectorAll("th[data-by]")) {
      if (cell.getAttribute("data-by") === name) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
    find();
  }

  function find() {
    found = [];
    for (let row = 0; row < total; row++) if (fits(row)) found.push(row);
    const { by, down } = order;
    if (by) found.sort((one, other) => compare(by, one, other) * (down ? -1 : 1) || one - other);
    body.replaceChildren();
    shown = 0;
    batch();
  }

  /** @param {number} row */
  function fits(row) {
    for (const name of /** @type {const} */ (["format", "model", "outcome"])) {
      if (wanted[name] && word(name, row) !== wanted[name]) return false;
    }
    if (!wanted.words) return true;
    return /** @type {const} */ (["topic", "item", "said"]).some((name) => word(name, row).toLowerCase().includes(wanted.words));
  }

  /** @param {typeof COLUMNS[number]} by @param {number} one @param {number} other */
  function compare(by, one, other) {
    if (by === "tokens" || by === "cost") return (columns[by][one] ?? -1) - (columns[by][other] ?? -1);
    const [first, second] = [word(by, one), word(by, other)];
    return first < second ? -1 : first > second ? 1 : 0;
  }

  function batch() {
    const next = found.slice(shown, shown + BATCH);
    body.append(...next.map(line));
    shown += next.length;
    const by = [wanted.words && `“${wanted.words}”`, wanted.format, wanted.model, wanted.outcome].filter(Boolean).join(", ");
    const of = by ? `, of ${total.toLocaleString("en")} in all: ${by}` : "";
    count.textContent = `${shown.toLocaleString("en")} of ${found.length.toLocaleString("en")} debates shown${of}`;
    more.hidden = shown === found.length;
    section.classList.toggle("partial", !more.hidden);
    more.textContent = `Show ${Math.min(BATCH, found.length - shown)} more`;
  }

  /** @param {number} row */
  function line(row) {
    const about = [word("item", row), word("which", row)].filter((said) => said && said !== word("topic", row)).join(" · ");
    const made = element("tr", {}, element("th", { scope: "row", dir: "auto" }, word("topic", row), element("small", {}, about)));
    for (const name of kept.slice(1)) made.append(cell(name, row));
    made.append(element("td", { class: "read" }, ...transcript(row, made)));
    return made;
  }

  /** @param {typeof COLUMNS[number]} name @param {number} row */
  function cell(name, row) {
    if (name === "tokens") return element("td", { class: "n tokens" }, columns.tokens[row].toLocaleString("en"));
    if (name === "cost") {
      const cost = columns.cost[row];
      return element("td", { class: "n" }, cost === null ? "—" : `$${cost.toLocaleString("en", { maximumSignificantDigits: 3 })}`);
    }
    if (name !== "outcome") return element("td", { dir: "auto", class: "word" }, word(name, row));
    const failed = ["failed", "interrupted", "stopped"].includes(word(name, row));
    return element("td", { class: failed ? "outcome failed" : "outcome" }, word(name, row), element("small", { dir: "auto" }, word("said", row)));
  }

  /** @param {number} row @param {HTMLElement} below */
  function transcript(row, below) {
    const told = columns.told[row];
    if (told < 0) {
      if (!address) return [columns.debate[row]];
      const href = address + encodeURIComponent(columns.debate[row]);
      return [element("a", { href, rel: "noreferrer" }, "Read", element("span", { class: "unseen" }, ` ${word("topic", row)}`))];
    }
    const press = element("button", { type: "button", "aria-expanded": "false" }, "Read");
    press.append(element("span", { class: "unseen" }, ` ${word("topic", row)}`));
    /** @type {HTMLElement | undefined} */
    let open;
    press.addEventListener("click", async () => {
      const closed = press.getAttribute("aria-expanded") === "false";
      press.setAttribute("aria-expanded", String(closed));
      open?.remove();
      if (!closed) return;
      const texts = await unpacked(`told-${Math.floor(told / together)}`);
      if (press.getAttribute("aria-expanded") === "false") return;
      const text = element("pre", { dir: "auto", tabindex: "0" }, texts[told % together]);
      open?.remove();
      open = element("tr", {}, element("td", { class: "open", colspan: String(kept.length + 1) }, text));
      below.after(open);
    });
    return [press];
  }
}

const section = document.getElementById("debates");
if (section) {
  show(section).catch(() => section.append(element("p", {}, "This browser cannot unpack the debates: use a newer one.")));
}
