// The week of one workshop: free time behind, one's own bookings before it; dragging opens the form.

const place = document.getElementById("calendar");
const data = place.dataset;
const local = (at) => at.toLocaleString("sv-SE", { timeZone: "Europe/Moscow" }).replace(" ", "T");
const shift = (at) => local(new Date(at));
const day = (at) => local(at).slice(0, 10);

const load = async (info) => {
  const zone = "+03:00";
  const span = (at) => encodeURIComponent(`${at}T00:00:00${zone}`);
  const iso = (at) => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
  const answer = await fetch(`${data.calendar}?from=${span(iso(info.start))}&to=${span(iso(info.end))}`);
  if (!answer.ok) return [];
  const found = await answer.json();
  const most = Math.max(...found.free.map((each) => each.free), 1);
  return [
    ...found.free.map((each) => ({
      start: shift(each.start), end: shift(each.end), display: "background",
      classNames: [each.free === 0 ? "is-taken" : each.free < most / 2 ? "is-short" : "is-free"],
      title: data.free.replace("{}", each.free),
    })),
    ...found.bookings.map((each) => ({
      id: each.id, start: shift(each.start), end: shift(each.end), title: `${each.purpose} · ${each.places}`,
      backgroundColor: each.status === "requested" ? "#8a4a00" : "#1f5fbf",
    })),
  ];
};

const clock = (at) => `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
const isPhone = matchMedia("(max-width: 767px)").matches;

const calendar = EventCalendar.create(place, {
  view: isPhone ? "timeGridDay" : "timeGridWeek",
  locale: data.language,
  firstDay: 1,
  hiddenDays: [0],
  allDaySlot: false,
  slotMinTime: data.opens, slotMaxTime: data.closes, slotDuration: "00:30",
  height: "38rem",
  headerToolbar: { start: "prev,today,next", center: "title", end: "" },
  buttonText: { today: data.today },
  nowIndicator: true,
  selectable: data.mayBook === "1",
  selectBackgroundColor: "#1f5fbf55",
  eventSources: [{ events: load }],
  eventClick: (info) => { if (info.event.id) location.href = `/bookings/${info.event.id}`; },
  select: (info) => {
    const on = `${info.start.getFullYear()}-${String(info.start.getMonth() + 1).padStart(2, "0")}-${String(info.start.getDate()).padStart(2, "0")}`;
    htmx.ajax("GET", `${data.book}?on=${on}&is_exact=1&starts=${clock(info.start)}&ends=${clock(info.end)}`, { target: "#panel-body", source: "#panel-body" }).catch(() => {});
  },
});

// The library calls itself a table that it is not; a screen reader is better off with plain text.
const tidy = () => {
  for (const part of place.querySelectorAll('[role="table"], [role="row"], [role="rowgroup"], [role="columnheader"], [role="cell"]')) part.removeAttribute("role");
  for (const name of ["aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"]) place.querySelectorAll(`[${name}]`).forEach((part) => part.removeAttribute(name));
  place.querySelector("aside.ec-sidebar")?.setAttribute("role", "presentation");
  place.querySelector("nav.ec-toolbar")?.setAttribute("aria-label", data.label);
  place.querySelector("button.ec-prev")?.setAttribute("aria-label", data.earlier);
  place.querySelector("button.ec-next")?.setAttribute("aria-label", data.later);
};
new MutationObserver(tidy).observe(place, { childList: true, subtree: true });
tidy();

for (const topic of ["live:board", "live:bookings", "live:resync"]) {
  document.body.addEventListener(topic, () => calendar.refetchEvents());
}
