// The message field: grows with its text, completes what is typed, remembers
// drafts by place, sends on Enter.

import { announce, fill, h, icon, iconButton, uid } from "./dom.js";
import { commandOf, suggestions } from "./complete.js";
import { avatar } from "./elements.js";
import { store } from "./store.js";

const WRAPS = { b: "*", i: "_", e: "`" }; // Ctrl or Cmd + letter puts these around the selection

export class Composer {
  /** `send(text)` resolves when the text was taken; `id` names the field in the page. */
  constructor({ id, send }) {
    this.send = send;
    this.found = null;
    this.at = 0;
    this.sent = []; // what was sent from here, for the up arrow
    const listId = uid("suggestions");
    this.list = h("div", { id: listId, class: "suggestions", role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.usage = h("div", { class: "usage", id: uid("usage"), hidden: true });
    this.text = h("textarea", {
      id,
      class: "composer-text",
      rows: "1",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-controls": listId,
      "aria-describedby": this.usage.id,
    });
    this.button = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send (Enter)", disabled: true, onclick: () => this.submit() }, icon("send"));
    this.box = h("div", { class: "composer-box" }, this.text, h("div", { class: "composer-bar" },
      iconButton("slash", "Commands", { onclick: () => this.start("/") }),
      iconButton("at", "Mention somebody", { onclick: () => this.start("@") }),
      h("span", { class: "composer-tip", "aria-hidden": "true" }, "Enter sends, Shift+Enter for a new line"),
      this.button));
    this.closed = h("div", { class: "composer-closed", hidden: true });
    this.node = h("div", { class: "composer" }, this.list, this.usage, this.box, this.closed);
    this.text.addEventListener("input", () => this.typed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("click", () => this.offer());
    // The list's own presses keep the focus in the field, so losing it means the person went elsewhere.
    this.text.addEventListener("blur", () => this.offer(true));
  }

  /**
   * Turns to a conversation. `place` keys its draft; `closed` says why nothing can be written there, and `remedy`
   * {label, run} what could be done about it.
   */
  show({ place, label, closed, remedy }) {
    this.place = `${store.me.id}/${place}`;
    this.text.placeholder = label;
    this.text.setAttribute("aria-label", label);
    this.text.value = store.drafts.get(this.place) || "";
    fill(this.closed, closed || "", remedy ? h("button", { type: "button", class: "button small primary", onclick: remedy.run }, remedy.label) : null);
    this.closed.hidden = !closed;
    this.box.hidden = Boolean(closed);
    this.fit();
    this.offer(true);
  }

  focus() {
    if (!this.box.hidden) this.text.focus();
  }

  /** Begins a word with a sign, as the buttons under the field do. */
  start(sign) {
    if (sign === "/") this.text.value = this.text.value.startsWith("/") ? this.text.value : sign;
    else this.text.setRangeText(/(^|\s)$/.test(this.text.value.slice(0, this.text.selectionStart)) ? sign : ` ${sign}`, this.text.selectionStart, this.text.selectionEnd, "end");
    this.text.focus();
    this.typed();
  }

  typed() {
    store.drafts.set(this.place, this.text.value);
    this.fit();
    this.offer();
  }

  fit() {
    this.button.disabled = !this.text.value.trim();
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
    const command = commandOf(this.text.value);
    const known = command && command.known;
    this.usage.hidden = !known || !/\s/.test(this.text.value);
    if (!this.usage.hidden) {
      fill(this.usage, h("strong", null, known.command), " ", h("span", { class: "usage-args" }, known.usage_hint || ""), known.description ? h("span", { class: "muted" }, known.description) : null);
    }
  }

  /** Shows what fits the word before the caret, or with `none` nothing. */
  offer(none) {
    const before = this.found;
    this.found = none ? null : suggestions(this.text.value, this.text.selectionEnd);
    this.at = 0;
    this.list.hidden = !this.found;
    if (!this.found) {
      this.text.removeAttribute("aria-activedescendant");
      return;
    }
    fill(this.list, this.heading(), this.found.items.map((item, n) => this.row(item, n)));
    this.light(0);
    if (!before || before.items.length !== this.found.items.length) announce(`${this.found.items.length} suggestions`);
  }

  heading() {
    const words = { command: "Commands", person: "People and groups", channel: "Channels", emoji: "Emoji" }[this.found.kind];
    return h("div", { class: "suggestions-head", "aria-hidden": "true" }, words, h("span", { class: "muted" }, "↑↓ to move · Tab or Enter to take"));
  }

  row(item, n) {
    const face = item.person ? avatar(item.person, "tiny") : h("span", { class: "suggestion-char", "aria-hidden": "true" }, item.char || (this.found.kind === "command" ? "/" : ""));
    return h("div", {
      role: "option",
      id: uid("suggestion"),
      class: "suggestion",
      onmousedown: (event) => {
        event.preventDefault();
        this.take(n);
      },
      onmousemove: () => this.light(n),
    }, face,
    h("span", { class: "suggestion-words" },
      h("span", { class: "suggestion-label" }, item.label, item.usage ? h("span", { class: "usage-args" }, ` ${item.usage}`) : null),
      item.hint ? h("span", { class: "suggestion-hint" }, item.hint) : null),
    item.from ? h("span", { class: "suggestion-from" }, item.from) : null);
  }

  light(n) {
    const options = this.list.querySelectorAll("[role=option]");
    this.at = (n + options.length) % options.length;
    options.forEach((option, i) => {
      option.classList.toggle("active", i === this.at);
      option.setAttribute("aria-selected", String(i === this.at));
    });
    options[this.at].scrollIntoView({ block: "nearest" });
    this.text.setAttribute("aria-activedescendant", options[this.at].id);
  }

  take(n) {
    const { start, items } = this.found;
    this.text.setRangeText(items[n].insert, start, this.text.selectionEnd, "end");
    this.text.focus();
    this.typed();
  }

  key(event) {
    if (event.isComposing) return;
    if (this.found && this.listKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && !this.text.value && this.sent.length) {
      event.preventDefault();
      this.text.value = this.sent[this.sent.length - 1];
      this.typed();
      this.offer(true);
    } else if ((event.ctrlKey || event.metaKey) && WRAPS[event.key]) {
      event.preventDefault();
      this.wrap(WRAPS[event.key]);
    }
  }

  listKey(event) {
    const item = this.found.items[this.at];
    if (event.key === "ArrowDown") this.light(this.at + 1);
    else if (event.key === "ArrowUp") this.light(this.at - 1);
    else if (event.key === "Escape") this.offer(true);
    else if (event.key === "Tab" && !event.shiftKey) this.take(this.at);
    else if (event.key === "Enter" && !event.shiftKey && !item.exact) this.take(this.at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  wrap(sign) {
    const { selectionStart: from, selectionEnd: to, value } = this.text;
    this.text.setRangeText(sign + value.slice(from, to) + sign, from, to, "select");
    this.text.setSelectionRange(from + 1, to + 1);
    this.typed();
  }

  async submit() {
    const text = this.text.value.trim();
    if (!text || this.button.getAttribute("aria-busy") === "true") return;
    const place = this.place;
    this.text.value = "";
    this.typed();
    this.offer(true);
    this.sent.push(text);
    this.button.setAttribute("aria-busy", "true");
    const taken = await this.send(text);
    this.button.removeAttribute("aria-busy");
    // What was not taken comes back, unless something new was typed meanwhile.
    if (!taken && !(store.drafts.get(place) || "")) {
      store.drafts.set(place, text);
      if (place === this.place) {
        this.text.value = text;
        this.fit();
      }
    }
  }
}
