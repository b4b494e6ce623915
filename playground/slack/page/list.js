// A list of messages that is kept in step with the server: a message that did
// not change keeps its node (and so its focus, selection and open menus); one
// that did is drawn anew in its place.

import { announce, focusIn, h, icon } from "./dom.js";
import { dayKey, dayLabel, tsDate } from "./dates.js";
import { author, isSystem, messageNode } from "./messages.js";
import { store } from "./store.js";
import { Surface } from "./surface.js";

const TOGETHER = 300; // seconds: messages of one person this close share one head
const NEAR = 80; // px from the end that still count as being at the end
const SHOWN = 150; // messages; older ones come with a button

export class MessageList {
  /** `inThread` for the side panel; `openThread(ts)` and `dismissed()` are told of those buttons. */
  constructor({ label, inThread, openThread, dismissed }) {
    this.inThread = inThread;
    this.openThread = openThread;
    this.dismissed = dismissed;
    this.inner = h("div", { class: "messages" });
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(true) }, icon("down"), "New messages");
    // New messages are announced one by one; a live region here would read the whole channel when it opens.
    this.scroller = h("div", { class: "scroller", role: "log", "aria-live": "off", "aria-label": label, tabindex: "0" }, this.inner);
    this.node = h("div", { class: "list" }, this.scroller, this.jump);
    this.reset();
    this.scroller.addEventListener("scroll", () => {
      this.pinned = this.distance() < NEAR;
      if (this.pinned) this.jump.hidden = true;
    }, { passive: true });
    // Pictures and charts grow after they are in place; who reads the end stays there.
    new ResizeObserver(() => {
      if (this.pinned) this.toEnd();
    }).observe(this.inner);
    new ResizeObserver(() => {
      if (this.pinned) this.toEnd();
    }).observe(this.scroller);
  }

  /** Forgets what is shown, for another conversation. `since` is where the "New" line stands. */
  reset(since) {
    this.rows = new Map();
    this.surfaces = new Map();
    this.again = null; // shows the same messages once more
    this.fresh = true;
    this.unread = undefined; // ts of the first message that was not read
    this.newest = 0; // ts of the last message that was shown
    this.pinned = true;
    this.since = since;
    this.limit = SHOWN;
    this.inner.replaceChildren();
    this.jump.hidden = true;
  }

  /** Shows these messages (oldest first); `intro` is a node that stands above them. */
  show(channel, messages, intro) {
    this.again = () => this.show(channel, messages, intro);
    // Where the unread begin is settled when the conversation opens: what arrives under one's eyes is not unread.
    if (this.fresh && this.since) this.unread = (messages.find((m) => Number(m.ts) > this.since && m.user !== store.me.id && !m.is_ephemeral) || {}).ts;
    const shown = messages.slice(-this.limit);
    const rows = [];
    if (shown.length < messages.length) rows.push(this.earlier(messages.length));
    else if (intro) rows.push({ key: "intro", sign: intro.textContent, make: () => intro });
    rows.push(...this.plan(channel, shown));
    const added = this.place(rows).filter((m) => Number(m.ts) > this.newest); // earlier ones that were asked for are no news
    if (this.fresh) this.toEnd();
    else if (added.length) this.arrived(added);
    this.fresh = false;
    this.newest = shown.reduce((newest, m) => Math.max(newest, Number(m.ts)), this.newest);
  }

  arrived(added) {
    const others = added.filter((m) => m.user !== store.me.id);
    if (this.pinned || added.some((m) => m.user === store.me.id)) this.toEnd();
    else this.jump.hidden = false;
    if (others.length) {
      const last = others[others.length - 1];
      announce(`${author(last).name}: ${spoken(last)}`);
    }
  }

  earlier(count) {
    const make = () => h("button", {
      type: "button",
      class: "button earlier",
      onclick: () => {
        const height = this.scroller.scrollHeight;
        this.limit += SHOWN;
        this.pinned = false;
        this.again();
        this.scroller.scrollTop += this.scroller.scrollHeight - height;
      },
    }, "Show earlier messages");
    return { key: "earlier", sign: String(count), make };
  }

  // What stands in the list: day lines, the line of the unread, messages.
  plan(channel, messages) {
    const rows = [];
    let before = null;
    messages.forEach((message, n) => {
      const date = tsDate(message.ts);
      const day = dayKey(date, store.zone());
      const newDay = !before || dayKey(tsDate(before.ts), store.zone()) !== day;
      if (newDay && !this.inThread) {
        const words = dayLabel(date, store.zone(), store.now());
        rows.push({ key: `day-${day}`, sign: words, make: () => h("div", { class: "day", role: "separator", "aria-label": words }, h("span", null, words)) });
      }
      if (message.ts === this.unread && n > 0) rows.push({ key: "new", sign: "", make: () => h("div", { class: "new-line", role: "separator" }, h("span", null, "New")) });
      const follow = !newDay && together(before, message);
      rows.push(this.row(channel, message, follow));
      if (this.inThread && n === 0 && messages.length > 1) {
        const count = messages.filter((m) => !m.is_ephemeral).length - 1;
        const words = count === 1 ? "1 reply" : `${count} replies`;
        if (count > 0) rows.push({ key: "count", sign: words, make: () => h("div", { class: "day thread-count" }, h("span", null, words)) });
      }
      before = message;
    });
    return rows;
  }

  row(channel, message, follow) {
    const key = `m-${message.ts}${message.is_ephemeral ? "-only" : ""}`;
    const make = () => {
      if (!this.surfaces.has(key)) {
        this.surfaces.set(key, new Surface({ kind: "message", where: { channel, messageTs: message.ts }, current: channel }));
      }
      return messageNode(message, {
        channel,
        follow,
        surface: this.surfaces.get(key),
        inThread: this.inThread,
        openThread: this.openThread,
        dismiss: (ts) => {
          store.dismiss(channel, ts);
          this.dismissed();
        },
      });
    };
    return { key, sign: `${follow}${JSON.stringify(message)}`, make, message };
  }

  // Puts rows in place and returns the messages that are new.
  place(rows) {
    const kept = new Map();
    const added = [];
    let at = this.inner.firstChild;
    for (const row of rows) {
      const old = this.rows.get(row.key);
      let node = old && old.node;
      if (!old) {
        node = row.make();
        if (row.message) added.push(row.message);
      } else if (old.sign !== row.sign) {
        node = redrawn(old.node, row.make());
        if (at === old.node) at = node;
      }
      kept.set(row.key, { sign: row.sign, node });
      if (node === at) at = at.nextSibling;
      else this.inner.insertBefore(node, at);
    }
    for (const [key, old] of this.rows) if (!kept.has(key)) old.node.remove();
    this.rows = kept;
    return added;
  }

  distance() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  toEnd(focus) {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.pinned = true;
    this.jump.hidden = true;
    if (focus) this.scroller.focus();
  }

  /** Brings a message into view and lights it for a moment. */
  reveal(ts) {
    if (!this.rows.has(`m-${ts}`) && this.again) {
      this.limit = Infinity; // it may be among those that come with the button
      this.again();
    }
    const row = this.rows.get(`m-${ts}`);
    if (!row) return;
    this.pinned = false;
    row.node.scrollIntoView({ block: "center" });
    row.node.classList.add("lit");
    row.node.addEventListener("animationend", () => row.node.classList.remove("lit"), { once: true });
  }
}

// Draws a changed message in the place of the old one; what had the focus there has it again.
function redrawn(old, node) {
  const focused = focusIn(old);
  const open = [...old.querySelectorAll("details")].map((d) => d.open);
  old.replaceWith(node);
  node.querySelectorAll("details").forEach((d, n) => { d.open = Boolean(open[n]); });
  const again = focused(node);
  if (again) again.focus({ preventScroll: true });
  return node;
}

function together(before, message) {
  if (!before || isSystem(before) || isSystem(message) || before.is_ephemeral || message.is_ephemeral) return false;
  if (message.subtype === "thread_broadcast" || before.reply_count) return false;
  const [a, b] = [author(before), author(message)];
  return a.id === b.id && a.name === b.name && Number(message.ts) - Number(before.ts) < TOGETHER;
}

// What a screen reader hears of a new message: its text form, shortened.
function spoken(message) {
  const text = (message.text || "a message").replace(/<[^>|]*\|([^>]*)>/g, "$1").replace(/[*_~`]/g, "");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
