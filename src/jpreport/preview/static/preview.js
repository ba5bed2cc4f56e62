// The page of a preview: follows the server's view, and changes in the report what has changed.

const at = (id) => document.getElementById(id);
const frame = at("report");
const start = at("cell").textContent;
let view = null; // what the server last said
let shown = { revision: 0, blocks: [] }; // what the frame holds
let loading = false;
let chosen = null; // the block that was clicked
const places = new Map(); // where the reader was in each edition
let changed = []; // indices of the elements that the last page changed

const report = () => frame.contentDocument;
const text = (tag, words, kind) => {
  const made = document.createElement(tag);
  made.textContent = words;
  if (kind) made.className = kind;
  return made;
};
const send = (path, body) => fetch(path, { method: "POST", body });

// Which block each element of the report's text belongs to; empty if they do not fit.
function owners() {
  const all = shown.blocks.flatMap((block) => Array(block.count).fill(block));
  const main = report().getElementById("jp-main");
  return main && all.length <= main.children.length ? all : [];
}

// Bring a node's children to those of another with as few changes as can be; list what changed.
function patch(old, fresh, touched) {
  const a = [...old.childNodes], b = [...fresh.childNodes];
  const same = (x, y) => x.isEqualNode(y);
  const adopt = (y) => (touched.push(y), old.ownerDocument.adoptNode(y));
  const isElement = (x) => x.nodeType === Node.ELEMENT_NODE;
  while (a.length && b.length) {
    const [x, y] = [a[0], b[0]];
    const gone = isElement(y) ? a.findIndex((one) => same(one, y)) : -1;
    const come = isElement(x) ? b.findIndex((one) => same(x, one)) : -1;
    if (same(x, y)) {
      a.shift(), b.shift();
    } else if (come > 0 && (gone < 0 || come <= gone)) {
      x.before(...b.splice(0, come).map(adopt));
    } else if (gone > 0) {
      for (const one of a.splice(0, gone)) one.remove();
      touched.push(old);
    } else {
      a.shift(), b.shift();
      // A picture that takes another's place keeps its room until it is there.
      const kept = isElement(y) && (y.children.length || y.matches("img"));
      if (isElement(x) && x.tagName === y.tagName && x.id === y.id && kept) {
        for (const name of y.getAttributeNames()) x.setAttribute(name, y.getAttribute(name));
        for (const name of x.getAttributeNames())
          if (!y.hasAttribute(name) && name !== "open") x.removeAttribute(name);
        patch(x, y, touched);
        touched.push(x);
      } else {
        x.replaceWith(adopt(y));
      }
    }
  }
  for (const x of a) x.remove(), touched.push(old);
  old.append(...b.map(adopt));
}

// The element at the top of the window, to keep the reader's place by.
function anchor(main) {
  for (const element of main?.children ?? []) {
    const box = element.getBoundingClientRect();
    if (box.bottom > 0) return { element, index: [...main.children].indexOf(element), top: box.top };
  }
  return null;
}

function put(page) {
  const doc = report(), win = frame.contentWindow;
  // The frame's own parser: what it makes is under the frame's policy.
  const fresh = new win.DOMParser().parseFromString(page.html, "text/html");
  const first = !doc.getElementById("jp-main");
  const place = first ? null : anchor(doc.getElementById("jp-main"));
  const away = win.scrollY === 0;
  const other = page.edition !== shown.edition;
  if (other) places.set(shown.edition, win.scrollY);
  const css = [...fresh.querySelectorAll("style")].map((one) => one.textContent).join("\n");
  let style = doc.getElementById("jp-preview-report");
  if (!style) {
    style = doc.head.appendChild(doc.createElement("style"));
    style.id = "jp-preview-report";
    doc.head.appendChild(doc.createElement("style")).id = "jp-preview-marks";
  }
  if (style.textContent !== css) style.textContent = css;
  doc.documentElement.lang = fresh.documentElement.lang;
  doc.title = fresh.title;
  const touched = [];
  patch(doc.body, fresh.body, touched);
  const main = doc.getElementById("jp-main");
  const children = [...(main?.children ?? [])];
  const now = first || other ? [] : children.flatMap((one, index) =>
    touched.some((node) => one.contains(node)) && !one.matches(".sources, .footnotes") ? [index] : []);
  // A page that only confirms the one before it leaves the mark where the change is.
  if (first || other || now.length) changed = now;
  if (other) win.scrollTo({ top: places.get(page.edition) ?? 0, behavior: "instant" });
  else if (place && !away) {
    const kept = place.element.isConnected ? place.element : children[place.index];
    if (kept) win.scrollBy({ top: kept.getBoundingClientRect().top - place.top, behavior: "instant" });
  }
  shown = page;
  performance.mark(`jp-page-${page.revision}`);
}

// Mark elements of the report from outside of it: it stays what the exporter wrote.
function marks() {
  const all = owners();
  const element = (index) => `#jp-main > :nth-child(${index + 1})`;
  const rule = (indices, css) => (indices.length ? `${indices.map(element).join(",")}{${css}}` : "");
  const where = (test) => all.flatMap((block, index) => (test(block) ? [index] : []));
  const pending = view.pending ?? [];
  const sheet = report().getElementById("jp-preview-marks");
  if (!sheet) return;
  const css = [
    "html{overflow-anchor:none}",
    "@keyframes jp-changed{from{box-shadow:-6px 0 0 #e0a100}to{box-shadow:-6px 0 0 transparent}}",
    "@media (prefers-reduced-motion:no-preference){" +
      rule(changed, `animation:jp-changed 2s;`) + "}",
    rule(where((block) => pending.includes(block.cell)), "opacity:.4"),
    rule(where((block) => chosen && block.cell === chosen), "outline:2px solid #0b7fab;outline-offset:4px"),
  ].join("\n");
  if (sheet.textContent !== css) sheet.textContent = css;
  offer();
}

function offer() {
  at("go").hidden = view.state !== "current" || changed[0] === undefined || visible(changed[0]);
}

function show(index) {
  report().getElementById("jp-main").children[index]?.scrollIntoView({ block: "center" });
}

function visible(index) {
  const box = report().getElementById("jp-main").children[index]?.getBoundingClientRect();
  return !box || (box.top < frame.clientHeight && box.bottom > 0);
}

async function load() {
  if (loading) return;
  loading = true;
  try {
    while (view.revision && view.revision !== shown.revision) {
      const answer = await fetch("/page");
      if (!answer.ok) break;
      put(await answer.json());
    }
  } finally {
    loading = false;
  }
  marks();
}

function say() {
  const count = view.problems.length;
  const words = {
    current: count ? `Up to date, with ${count} problem${count > 1 ? "s" : ""}` : "Up to date",
    working: `Not up to date: waiting for ${view.waiting}`,
    failed: `Not up to date: ${count} problem${count === 1 ? "" : "s"}`,
  };
  document.body.dataset.state = view.state;
  at("status").textContent = words[view.state];
  document.title = `${view.state === "current" ? "" : "… "}${view.title || "Preview"} – preview`;
  frame.classList.toggle("stale", view.state !== "current" && view.pending === null);
  const list = at("problems").querySelector("ol");
  const items = [...view.problems.map((one) => [one, "problem"]), ...view.warnings.map((one) => [one, "warning"])];
  list.replaceChildren(...items.map(([one, kind]) => {
    const item = text("li", "", kind);
    if (one.where) item.append(text("b", (kind === "warning" && count ? "Warning, " : "") + one.where));
    const cell = one.file === view.notebook && one.cell;
    const spot = cell ? owners().findIndex((block) => block.cell === cell) : -1;
    item.append(one.message);
    if (one.hint) item.append(text("span", one.hint, "hint"));
    if (spot >= 0) {
      const button = text("button", `Show cell ${cell}`);
      button.type = "button";
      button.addEventListener("click", () => { chosen = cell; tell(); marks(); show(spot); });
      item.append(button, " ");
    }
    const link = cell ? lab(cell) : null;
    if (link) item.append(link);
    return item;
  }));
  at("problems").hidden = !items.length;
  at("problems-title").textContent = count ? "Problems" : "Warnings";
  at("problems").classList.toggle("weighed", !count);
}

function offers(list, choices, chosen) {
  const names = choices.map((one) => one.join(" ")).join("\n");
  if (list.dataset.names !== names) {
    list.dataset.names = names;
    list.replaceChildren(...choices.map(([value, name]) => new Option(name, value)));
  }
  list.value = chosen;
}

function lab(cell) {
  const id = view.cells[cell - 1];
  if (!view.lab || !id) return null;
  const link = text("a", "Open in JupyterLab");
  link.href = `${view.lab}#cell-id=${encodeURIComponent(id)}`;
  link.target = "jpreport-lab";
  return link;
}

function tell() {
  const block = chosen && shown.blocks.find((one) => one.cell === chosen);
  const words = block ? `Cell ${block.cell}${block.label ? ` (${block.label})` : ""} of ${view.notebook}. ` : start;
  at("cell").replaceChildren(words, ...(block ? [lab(block.cell)] : []).filter(Boolean));
}

function pages() {
  const stale = view.printed_of !== view.revision || view.state !== "current";
  at("pages").classList.toggle("stale", stale);
  at("draft").hidden = !view.pages;
  at("pdf-status").textContent = stale ? "Not up to date: the PDF is being made." : `${view.pages} pages.`;
  const box = at("pages");
  if (box.dataset.printing === String(view.printing)) return;
  box.dataset.printing = view.printing;
  while (box.children.length > view.pages) box.lastChild.remove();
  for (let number = 1; number <= view.pages; number++) {
    const picture = new Image();
    picture.alt = `Page ${number}`;
    const old = box.children[number - 1];
    const near = old && old.getBoundingClientRect().top < innerHeight && old.getBoundingClientRect().bottom > 0;
    picture.src = `/pdf/${view.printing}/${number}.png`;
    if (near) picture.decode().catch(() => {}).finally(() => old.replaceWith(picture));
    else {
      picture.loading = "lazy";
      old ? old.replaceWith(picture) : box.append(picture);
    }
  }
}

function follow() {
  const events = new EventSource("/events");
  events.onmessage = (event) => {
    view = JSON.parse(event.data);
    say();
    offers(at("editions"), view.editions.map((one) => [one.slug, one.title]), view.edition);
    offers(at("languages"), view.languages.map((one) => [one.tag, one.name]), view.language);
    at("language").hidden = view.languages.length < 2;
    tell();
    if (!at("pdf").hidden) pages();
    if (view.revision === shown.revision) marks();
    load();
  };
  events.onerror = () => {
    document.body.dataset.state = "ended";
    at("status").textContent = "Not up to date: jpreport preview is not running";
    frame.classList.add("stale");
  };
}

function clicked(event) {
  const link = event.target.closest("a[href]");
  if (link) {
    const address = link.getAttribute("href");
    if (address.startsWith("#") || address.startsWith("data:")) return;
    event.preventDefault();
    // The page in another language is one of this preview.
    if (link.matches("nav.languages a")) return void send("/language", link.hreflang);
    window.open(link.href, "_blank", "noopener");
    return;
  }
  const main = report().getElementById("jp-main");
  const element = [...(main?.children ?? [])].findIndex((one) => one.contains(event.target));
  chosen = element < 0 ? null : (owners()[element]?.cell ?? null);
  tell();
  marks();
}

function begin() {
  report().addEventListener("click", clicked);
  frame.contentWindow.addEventListener("scroll", offer, { passive: true });
  at("editions").addEventListener("change", (event) => send("/edition", event.target.value));
  at("languages").addEventListener("change", (event) => send("/language", event.target.value));
  at("go").addEventListener("click", () => show(changed[0]));
  at("print").addEventListener("click", (event) => {
    const on = at("pdf").hidden;
    at("pdf").hidden = !on;
    event.target.setAttribute("aria-pressed", on);
    send("/pdf", on ? "on" : "off");
    if (on && view) pages();
  });
  follow();
}

if (report()?.readyState === "complete" && report().URL.endsWith("/frame")) begin();
else frame.addEventListener("load", begin, { once: true });
