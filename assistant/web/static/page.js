/* The page's own behaviour. Runs once as the js_on_load of the header (assistant/web/app.py): `element` is the header,
   `trigger(name, data)` tells the server. Events: "clause" "ask" "retry" "edit" "anew" "vote" "conversation" "rename"
   "erase" "unplan". Everything listens on the document, so that any tab may use data-clause="ID" (open a clause) and
   data-ask="QUESTION" (ask it). */
const page = document.documentElement;
const words = JSON.parse(element.querySelector("[data-words]").dataset.words);
const one = (selector, root = document) => root.querySelector(selector);
page.lang = words.language;

/* ---- telling screen readers ---- */
const announcer = one("#announcer");
function announce(text) {
  if (text) announcer.textContent = text;
}

/* ---- light or dark ---- */
const savedTheme = localStorage.getItem("assistant-theme");
if (savedTheme) document.body.classList.toggle("dark", savedTheme === "dark");
function switchTheme() {
  const dark = document.body.classList.toggle("dark");
  localStorage.setItem("assistant-theme", dark ? "dark" : "light");
}

/* ---- the address of the page ---- */
function setAddress(changes) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href !== window.location.href) history.replaceState(null, "", url);
}
const linkTo = (citation) => `${window.location.origin}${window.location.pathname}?clause=${encodeURIComponent(citation)}`;

/* ---- the source panel ---- */
let opener = null;
let opening = "";
const narrow = () => window.matchMedia("(max-width: 62rem)").matches;
function parsed(text) {
  try { return JSON.parse(text || "[]"); } catch { return []; }
}
function openClause(button) {
  if (!button.closest("#source-panel")) opener = button;
  opening = button.dataset.clause;
  hideTip();
  page.classList.add("source-open");
  trigger("clause", { citation: opening, marks: parsed(button.dataset.marks), rendition: button.dataset.rendition || "" });
  setAddress({ clause: opening });
  setTimeout(arrived, 1500);
}
function arrived() {
  const panel = one("#source-panel .source");
  if (!opening || !panel || panel.dataset.open !== opening) return;
  opening = "";
  page.classList.add("source-open");
  const scroller = one("#source-column");
  const heading = one("h2", panel);
  heading.focus({ preventScroll: true });
  const mark = one("mark, .asked-for", panel);
  scroller.scrollTop = 0;
  if (mark) {
    const below = mark.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom;
    if (below > -24) scroller.scrollTop = below + scroller.clientHeight / 3;
  }
}
function closeSource() {
  page.classList.remove("source-open");
  opening = "";
  setAddress({ clause: null });
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

/* ---- the short quote on hover and focus ---- */
const tip = document.createElement("div");
tip.id = "quote-tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;
document.body.append(tip);
let tipFor = null;
let tipTimer = 0;
function showTip(chip) {
  clearTimeout(tipTimer);
  if (!chip.dataset.quote && !chip.dataset.heading) return;
  tipFor = chip;
  const heading = document.createElement("strong");
  heading.textContent = chip.dataset.heading || "";
  const quote = document.createElement("span");
  quote.textContent = chip.dataset.quote || "";
  tip.replaceChildren(heading, quote);
  tip.hidden = false;
  chip.setAttribute("aria-describedby", "quote-tip");
  const box = chip.getBoundingClientRect();
  const width = Math.min(352, window.innerWidth - 24);
  tip.style.width = `${width}px`;
  tip.style.left = `${Math.max(12, Math.min(box.left, window.innerWidth - width - 12)) + window.scrollX}px`;
  const above = box.bottom + tip.offsetHeight + 12 > window.innerHeight && box.top > tip.offsetHeight + 12;
  tip.style.top = `${(above ? box.top - tip.offsetHeight - 6 : box.bottom + 6) + window.scrollY}px`;
}
function hideTip() {
  clearTimeout(tipTimer);
  if (tipFor) tipFor.removeAttribute("aria-describedby");
  tipFor = null;
  tip.hidden = true;
}
const hideSoon = () => { clearTimeout(tipTimer); tipTimer = setTimeout(hideTip, 200); };
document.addEventListener("mouseover", (event) => {
  const chip = event.target.closest?.(".chip");
  if (chip) showTip(chip);
  else if (event.target.closest?.("#quote-tip")) clearTimeout(tipTimer);
  else if (tipFor) hideSoon();
});
document.addEventListener("focusin", (event) => {
  const chip = event.target.closest?.(".chip");
  if (chip && chip.matches(":focus-visible")) showTip(chip);
  else hideTip();
});
document.addEventListener("scroll", hideTip, { passive: true });

/* ---- copying ---- */
async function copy(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  const before = button.dataset.label || button.textContent;
  button.dataset.label = before;
  button.textContent = done ? words.copied : words.copy_failed;
  announce(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1800);
}

/* ---- what buttons do ---- */
/* While an answer is under way the conversation on the page is the server's: what would change it has to wait. */
const waitLine = document.createElement("p");
waitLine.id = "wait-line";
waitLine.setAttribute("aria-hidden", "true");
waitLine.textContent = words.wait;
waitLine.hidden = true;
document.body.append(waitLine);
let waitTimer = 0;
function mustWait() {
  if (!one('#current .turn[data-state="asking"]')) return false;
  waitLine.hidden = false;
  clearTimeout(waitTimer);
  waitTimer = setTimeout(() => { waitLine.hidden = true; }, 5000);
  announce(words.wait);
  return true;
}
const send = (name, data) => trigger(name, data || {});
const actions = {
  clause: openClause,
  ask: (b) => { if (mustWait()) return; if (narrow()) page.classList.remove("source-open"); send("ask", { question: b.dataset.ask }); },
  retry: () => send("retry"),
  edit: () => { send("edit"); one("#question textarea")?.focus(); },
  new: () => { if (mustWait()) return; send("anew"); setAddress({ c: null, q: null }); one("#question textarea")?.focus(); },
  copy: (b) => copy(b.dataset.copy, b),
  copyLink: (b) => copy(linkTo(b.dataset.copyLink), b),
  closeSource: closeSource,
  theme: switchTheme,
  vote: (b) => {
    if (mustWait()) return;
    const on = b.getAttribute("aria-pressed") === "true";
    send("vote", { message: b.dataset.message, vote: on ? null : b.dataset.vote, note: "" });
  },
  noteSend: (b) => {
    if (mustWait()) return;
    const note = b.closest(".note");
    send("vote", { message: note.dataset.noteFor, vote: note.dataset.noteVote, note: one("textarea", note).value });
    announce(words.note_saved);
  },
  openConversation: (b) => { if (mustWait()) return; send("conversation", { id: b.dataset.openConversation }); },
  renameStart: (b) => showForm(b.closest("li"), ".rename-form"),
  renameSave: (b) => send("rename", { id: b.dataset.renameSave, title: one("input", b.closest("li")).value }),
  eraseStart: (b) => showForm(b.closest("li"), ".erase-form"),
  erase: (b) => send("erase", { id: b.dataset.erase }),
  formCancel: (b) => showForm(b.closest("li"), null),
  unplan: (b) => send("unplan", { id: b.dataset.unplan }),
};
const attributes = Object.keys(actions).map((name) => [name, `[data-${name.replace(/[A-Z]/g, (c) => "-" + c.toLowerCase())}]`]);
function showForm(row, selector) {
  for (const form of row.querySelectorAll(".row-form")) form.hidden = !selector || !form.matches(selector);
  const buttons = one(".row-buttons", row);
  buttons.hidden = Boolean(selector);
  (selector ? one(`${selector} input, ${selector} button`, row) : one("button", buttons))?.focus();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button) return;
  for (const [name, selector] of attributes) {
    if (button.matches(selector)) {
      actions[name](button);
      return;
    }
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (tipFor) hideTip();
    else if (page.classList.contains("source-open")) closeSource();
  }
  if (event.key === "Enter" && event.target.matches?.(".rename-form input")) one("[data-rename-save]", event.target.closest("li"))?.click();
});
/* Gradio would show a second question and never answer it: it stays in the box until the first one is answered. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || !event.target.matches?.("#question textarea") || !mustWait()) return;
  event.preventDefault();
  event.stopPropagation();
}, true);
one(".skip-link").addEventListener("click", (event) => {
  event.preventDefault();
  const target = one("#question textarea");
  if (target && target.offsetParent) target.focus();
  else one('[role="tabpanel"]:not([hidden]) h2')?.focus();
});

/* ---- what changes on the page ---- */
let shownTurn = "";
let turnSays = "";
function follow() {
  const turn = one("#current .turn");
  const link = one("#export");
  const conversation = turn?.dataset.conversation || "";
  if (link) {
    link.hidden = !conversation;
    if (conversation) link.href = `export/${conversation}.md`;
  }
  if (!turn) { shownTurn = turnSays = ""; return; }
  if (turn.dataset.announce !== turnSays) {
    turnSays = turn.dataset.announce;
    announce(turnSays);
  }
  if (conversation) setAddress({ c: conversation, q: null });
  if (turn.dataset.state === "asking" && shownTurn !== "asking") {
    turn.scrollIntoView({ block: "start" });
  }
  shownTurn = turn.dataset.state;
}
let queued = false;
new MutationObserver(() => {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => {
    queued = false;
    follow();
    arrived();
    label();
  });
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-turn", "data-state", "data-open", "data-announce"] });

/* Gradio leaves some of its controls without a name or role; name them. */
function label() {
  for (const input of document.querySelectorAll('input[type="file"]:not([aria-label])')) input.setAttribute("aria-label", words.file);
  for (const nav of document.querySelectorAll('[role="tablist"]:not([aria-label])')) nav.setAttribute("aria-label", words.name);
}
label();
follow();
const named = new URLSearchParams(window.location.search);
if (named.get("clause")) opening = named.get("clause");
/* A question asked now would be lost when the kept conversation arrives; app.py lets the form go then. */
if (named.get("c")) one("#ask-form").inert = true;
