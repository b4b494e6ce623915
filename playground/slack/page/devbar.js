// The developer's bar: the playground's clock, the buttons that the server
// offers, whether changes arrive live, the log, the theme.

import { get, send } from "./api.js";
import { announce, fill, h, icon, iconButton, refill } from "./dom.js";
import { shortMoment } from "./dates.js";
import { openLog } from "./log.js";
import { remember, store } from "./store.js";

const THEMES = ["auto", "light", "dark"];
const THEME_ICONS = { auto: "half", light: "sun", dark: "moon" };

export class Devbar {
  constructor(node) {
    this.node = node;
    this.dot = h("span", { class: "live-dot" });
    this.state = h("span", { class: "live-words" }, "Connecting…");
    this.clock = h("span", { class: "clock-words" });
    this.app = h("span", { class: "app-state" });
    this.note = h("span", { class: "dev-note", role: "status" });
    this.buttons = h("span", { class: "dev-buttons" });
    this.theme = iconButton("half", "Theme", { onclick: () => this.turnTheme() });
    fill(node,
      h("span", { class: "live" }, this.dot, this.state),
      h("span", { class: "clock", title: "The playground's clock" }, icon("clock"), this.clock),
      this.buttons, this.app, this.note,
      h("span", { class: "dev-end" },
        h("button", { type: "button", class: "dev-button", "aria-label": "Log of calls and envelopes", onclick: () => openLog() }, icon("log"), h("span", null, "Log")),
        this.theme));
    this.showTheme();
    setInterval(() => this.tick(), 1000); // only the shown minute hangs on it
  }

  /** Draws the buttons that the server offers; "+1 h" is always there. */
  draw() {
    const offered = store.extra.some((e) => /^\+\s*1\s*h/i.test(e.label)) ? store.extra
      : [{ label: "+1 h", method: "POST", path: "/_control/clock", body: { advance: "1h" } }, ...store.extra];
    refill(this.buttons, offered, () => offered.map((extra) => {
      const node = h("button", { type: "button", class: "dev-button", onclick: () => this.press(node, extra) }, extra.label);
      return node;
    }));
    const app = store.app ? store.name(store.app.id) : "The app";
    this.app.textContent = store.connected ? "" : `${app} is not connected`;
    this.tick();
  }

  async press(node, extra) {
    node.setAttribute("aria-busy", "true");
    const answer = await send(extra.method || "POST", extra.path, extra.body);
    node.removeAttribute("aria-busy");
    if (answer.ok === false) {
      this.say(`${extra.label}: ${answer.error}`);
      return;
    }
    if (answer.now) store.setClock(answer);
    else await this.readClock();
    this.tick();
    this.say("");
    announce(`${extra.label}. It is now ${this.clock.textContent}`);
  }

  say(words) {
    this.note.textContent = words;
  }

  /** Reads the clock after somebody (a test, a script) has moved it. */
  async readClock() {
    // An offset that cannot be: the server answers at once instead of waiting for a change.
    const answer = await get("/_control/clock", { offset_ms: -1 });
    if (answer.ok) store.setClock(answer);
    this.tick();
  }

  tick() {
    if (!store.me) return;
    const hours = store.clock.offset / 3600000;
    const ahead = Math.abs(hours) < 0.01 ? "" : ` (${hours > 0 ? "+" : ""}${hours >= 48 ? `${Math.round(hours / 24)} d` : `${Math.round(hours * 10) / 10} h`})`;
    const words = shortMoment(store.now(), store.zone()) + ahead;
    if (words !== this.clock.textContent) this.clock.textContent = words;
  }

  /** Shows whether changes arrive: "live", "lost". */
  live(on) {
    this.dot.classList.toggle("on", on);
    this.state.textContent = on ? "Live" : "Reconnecting…";
  }

  turnTheme() {
    const now = document.documentElement.dataset.theme || "auto";
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    document.documentElement.dataset.theme = next;
    remember("theme", next);
    this.showTheme();
    announce(`Theme: ${next}`);
  }

  showTheme() {
    const theme = document.documentElement.dataset.theme || "auto";
    fill(this.theme, icon(THEME_ICONS[theme] || "half"));
    this.theme.setAttribute("aria-label", `Theme: ${theme}. Change`);
    this.theme.title = `Theme: ${theme}`;
  }
}
