// What pages do beyond HTML: the panel, choosing time in the grid, and following what happens.

const panel = () => tabler.Offcanvas.getOrCreateInstance(document.getElementById("panel"));

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "panel-body") return;
  panel().show();
  const first = event.detail.target.querySelector("[aria-invalid], #on, .btn-primary");
  if (first && event.detail.requestConfig.verb === "post") first.focus();
});

// --- the grid: a tap or Enter takes one pair; dragging, or Shift and arrows, takes several -------

const cells = (board) => [...board.querySelectorAll("a[data-cell]")];
let drag = null;

const reach = (from, to) => {
  const row = [...from.closest("tr").querySelectorAll("a[data-cell]")].filter((cell) => cell.dataset.on === from.dataset.on);
  if (!row.includes(to)) return [from];
  const ends = [row.indexOf(from), row.indexOf(to)].sort((a, b) => a - b);
  return row.slice(ends[0], ends[1] + 1);
};

const choose = (chosen) => {
  document.querySelectorAll(".is-chosen").forEach((cell) => cell.classList.remove("is-chosen"));
  chosen.forEach((cell) => cell.classList.add("is-chosen"));
};

const open = (chosen) => {
  const url = new URL(chosen[0].href);
  url.searchParams.set("last", chosen[chosen.length - 1].dataset.pair);
  htmx.ajax("GET", url.pathname + url.search, { target: "#panel-body", source: "#panel-body" }).catch(() => {});
};

document.addEventListener("pointerdown", (event) => {
  const cell = event.target.closest("a[data-cell]");
  if (!cell || event.button !== 0 || event.pointerType === "touch") return;
  drag = { from: cell, chosen: [cell] };
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("a[data-cell]");
  if (!cell) return;
  drag.chosen = reach(drag.from, cell);
  choose(drag.chosen);
});
document.addEventListener("pointerup", () => {
  if (!drag) return;
  const { chosen } = drag;
  drag = null;
  if (chosen.length > 1) open(chosen);
});
document.addEventListener("pointercancel", () => { drag = null; });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("a[data-cell]")) event.preventDefault(); });
document.addEventListener("click", (event) => {
  const cell = event.target.closest("a[data-cell]");
  if (!cell || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const marked = [...document.querySelectorAll(".is-chosen")];
  const chosen = marked.includes(cell) ? marked : [cell];
  choose(chosen);
  open(chosen);
});
document.addEventListener("hidden.bs.offcanvas", () => { choose([]); refreshWhatWaits(); });

const rove = (board) => {
  const all = cells(board);
  all.forEach((cell, place) => { cell.tabIndex = place === 0 ? 0 : -1; });
};

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("a[data-cell]");
  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  if (!cell || !steps[event.key]) return;
  event.preventDefault();
  const [down, right] = steps[event.key];
  const row = [...cell.closest("tr").querySelectorAll("a[data-cell]")];
  let next;
  if (right) next = row[row.indexOf(cell) + right];
  else {
    const rows = [...cell.closest("table").querySelectorAll("tr")].filter((each) => each.querySelector("a[data-cell]"));
    const other = rows[rows.indexOf(cell.closest("tr")) + down];
    next = other?.querySelector(`a[data-on="${cell.dataset.on}"][data-pair="${cell.dataset.pair}"]`) ?? other?.querySelector("a[data-cell]");
  }
  if (!next) return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  if (event.shiftKey && right) {
    const marked = [...document.querySelectorAll(".is-chosen")];
    const anchor = marked.includes(cell) && marked.length ? (marked[0] === cell ? marked[marked.length - 1] : marked[0]) : cell;
    choose(reach(anchor, next));
  } else choose([]);
});

// --- following what happens: one stream a page, closed while nobody looks -----------------------

const address = document.body.dataset.live;
let stream = null;
let again = false;

const mark = (isLive) => document.querySelector("[data-live-state]")?.classList.toggle("is-live", isLive);

const follow = () => {
  if (!address || stream) return;
  stream = new EventSource(again ? `${address}&again=1` : address);
  again = true;
  stream.onopen = () => mark(true);
  stream.onerror = () => {
    mark(false);
    if (stream?.readyState === EventSource.CLOSED) { stream = null; setTimeout(follow, 1000); }
  };
  for (const topic of ["bookings", "board", "agreements", "obligations", "members", "imports", "notices", "ballots", "decisions", "meetings", "proposals", "plans", "resync"]) {
    stream.addEventListener(topic, () => htmx.trigger(document.body, `live:${topic}`));
  }
};
const rest = () => { stream?.close(); stream = null; mark(false); };
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : follow()));
addEventListener("pagehide", rest);
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });

// A part that somebody works in is not taken from under their hands: it waits until they are done.
const waiting = new Set();
const isInUse = (part) => {
  if (drag && part.contains(drag.from)) return true;
  if (part.matches("[data-board]") && document.querySelector(".is-chosen")) return true;
  const active = document.activeElement;
  if (active && active !== document.body && part.contains(active) && active.matches("input, textarea, select")) return true;
  if (part.querySelector("[data-answered], form.htmx-request")) return true;
  if ([...part.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue)) return true;
  return [...part.querySelectorAll("details[open] input[name=reason]")].some((field) => field.value);
};
const refreshWhatWaits = () => {
  for (const part of [...waiting]) {
    if (!part.isConnected) waiting.delete(part);
    else if (!isInUse(part)) { waiting.delete(part); htmx.ajax("GET", part.getAttribute("hx-get"), { source: part, target: part, swap: "outerHTML", select: part.getAttribute("hx-select") ?? undefined }).catch(() => {}); }
  }
};
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const cause = event.detail.requestConfig.triggeringEvent;
  if (!cause?.type?.startsWith("live:") || !isInUse(event.detail.elt)) return;
  event.preventDefault();
  waiting.add(event.detail.elt);
});
// An answer that was just given stays to be seen for a while before its part comes anew.
document.body.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-answered]").forEach((card) => {
  setTimeout(() => { delete card.dataset.answered; refreshWhatWaits(); }, 6000);
}));

// A part that could not be fetched stays as it is, and tries again: after a second, then ever more rarely.
const refreshesItself = (part) => /live:|every /.test(part?.getAttribute?.("hx-trigger") ?? "");
const pauses = new WeakMap();
const coming = new Set();
const comeBackTo = (part) => {
  if (coming.has(part)) return;
  const pause = Math.min(pauses.get(part) ?? 1000, 30000);
  pauses.set(part, pause * 2);
  coming.add(part);
  setTimeout(() => { coming.delete(part); waiting.add(part); refreshWhatWaits(); }, pause);
};

// What a person asked for and got no answer of ours says so, beside what was pressed or on top of the page.
const sayNoAnswer = (pressed) => {
  const words = document.getElementById("no-answer").content.firstElementChild.cloneNode(true);
  const form = pressed?.closest?.("form");
  if (form) form.append(words);
  else document.getElementById("content").prepend(words);
  words.scrollIntoView({ block: "nearest" });
};
const noAnswer = (event) => (refreshesItself(event.detail.elt) ? comeBackTo(event.detail.elt) : sayNoAnswer(event.detail.elt));
document.body.addEventListener("htmx:sendError", noAnswer);
document.body.addEventListener("htmx:timeout", noAnswer);
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (!refreshesItself(event.detail.elt)) document.querySelectorAll("[data-no-answer]").forEach((words) => words.remove());
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { elt } = event.detail.requestConfig;
  const isPage = event.detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/html");
  if (event.detail.xhr.status < 500 || (isPage && !refreshesItself(elt))) return;
  event.detail.shouldSwap = false;
  noAnswer({ detail: { elt } });
});
addEventListener("online", () => htmx.trigger(document.body, "live:resync"));
document.body.addEventListener("htmx:afterRequest", () => setTimeout(refreshWhatWaits, 50));
document.addEventListener("focusout", () => setTimeout(refreshWhatWaits, 50));

// Also when the part was fetched already while somebody began to work in it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (requestConfig.verb !== "get" || requestConfig.elt !== target || !isInUse(target)) return;
  event.detail.shouldSwap = false;
  waiting.add(target);
});

// What was opened stays open when its part comes anew.
let opened = [];
document.body.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.detail.target.querySelectorAll("details[open] form")].map((form) => form.getAttribute("action"));
});
document.body.addEventListener("htmx:afterSwap", () => {
  for (const action of opened) document.querySelector(`details form[action="${CSS.escape(action)}"]`)?.closest("details").setAttribute("open", "");
  opened = [];
});

// The cell that had the focus keeps it when the grid comes anew.
let focused = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const cell = document.activeElement?.closest?.("a[data-cell]");
  focused = cell && event.detail.target.contains(cell) ? { ...cell.dataset } : null;
});
document.body.addEventListener("htmx:afterSettle", () => {
  document.querySelectorAll("[data-board]").forEach(rove);
  if (!focused) return;
  const cell = document.querySelector(`a[data-cell][data-workshop="${focused.workshop}"][data-on="${focused.on}"][data-pair="${focused.pair}"]`);
  focused = null;
  if (cell) { cell.tabIndex = 0; cell.focus({ preventScroll: true }); }
});

// --- words that were typed stay in this tab until they are sent, or somebody signs out ----------

const giveBack = () => document.querySelectorAll("[data-keep]").forEach((field) => {
  const kept = sessionStorage.getItem(field.dataset.keep);
  if (kept !== null && field.value === field.defaultValue) field.value = kept;
});
document.addEventListener("input", (event) => {
  const field = event.target.closest?.("[data-keep]");
  if (field) sessionStorage.setItem(field.dataset.keep, field.value);
});
document.body.addEventListener("htmx:afterSwap", () => {
  const sent = document.querySelector("[data-sent]");
  if (sent?.dataset.sent) sessionStorage.removeItem(sent.dataset.sent);
  giveBack();
});
if (!address) sessionStorage.clear();

// --- a file that is too large is said so before it is sent ---------------------------------------

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("input[type=file][data-bytes-max]");
  if (!field) return;
  field.setCustomValidity(field.files[0]?.size > Number(field.dataset.bytesMax) ? field.dataset.tooLarge : "");
  field.reportValidity();
});

// --- a button that copies what stands in a field; where that is not allowed, it selects it -------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.querySelector(button.dataset.copy);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { return; }
  button.querySelector("span").textContent = button.dataset.copied;
});

document.querySelectorAll("[data-board]").forEach(rove);
giveBack();
follow();
