// What went between the app and the playground: API calls and envelopes, the
// newest first. For those who write a bot.

import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { clockTime } from "./dates.js";
import { dialog } from "./popup.js";
import { store } from "./store.js";

const SHOWN = 100; // rows of each table

/** Opens the log in a dialog. */
export function openLog() {
  return dialog({
    title: "Log",
    className: "dialog-wide",
    otherwise: null,
    body: () => {
      const place = h("div", { class: "log", "aria-live": "off" }, "Reading…");
      show(place);
      return place;
    },
    buttons: (finish) => [
      h("button", {
        type: "button",
        class: "button",
        onclick: (event) => show(event.target.closest("dialog").querySelector(".log")),
      }, "Refresh"),
      h("button", { type: "button", class: "button primary", onclick: () => finish(null) }, "Close"),
    ],
  });
}

async function show(place) {
  const answer = await get("/_control/log");
  if (!answer.ok) {
    fill(place, h("p", { class: "act-note" }, `The log cannot be read: ${answer.error}`));
    return;
  }
  const at = (text) => (text ? clockTime(new Date(text), store.zone(), true) : "");
  const calls = (answer.calls || []).slice(-SHOWN).reverse().map((c) => [at(c.at), c.method, String(c.status ?? ""), c.ok ? "ok" : c.error || "failed", ms(c.duration_ms)]);
  const envelopes = (answer.envelopes || []).slice(-SHOWN).reverse().map((e) => [
    at(e.at), e.kind || e.type, e.acked ? e.ack_error || "acked" : "not acked", ms(e.ack_ms),
    [e.retry_attempt ? `retry ${e.retry_attempt}` : "", e.duplicate ? "duplicate" : ""].filter(Boolean).join(", "),
  ]);
  fill(place,
    h("h3", null, "From Slack to the app"), table(["At", "Envelope", "State", "Ack", "Again"], envelopes),
    h("h3", null, "From the app to Slack"), table(["At", "Method", "HTTP", "Answer", "Took"], calls));
}

function ms(value) {
  return value === undefined || value === null ? "" : `${Math.round(value * 10) / 10} ms`;
}

function table(head, rows) {
  if (!rows.length) return h("p", { class: "muted" }, "Nothing yet.");
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": head[1] }, h("table", { class: "data" },
    h("thead", null, h("tr", null, head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", null, rows.map((row) => h("tr", null, row.map((text) => h("td", { class: /^(not acked|failed|[a-z]+_[a-z_]+)$/.test(text) && text !== row[1] ? "bad" : null }, text)))))));
}
