// The left side: who one is, channels, direct messages.

import { announce, h, icon, iconButton, refill } from "./dom.js";
import { avatar } from "./elements.js";
import { route } from "./entities.js";
import { openPicker } from "./picker.js";
import { store } from "./store.js";

export class Sidebar {
  /** `become(user)` switches the person; `opened()` is called when a place was chosen (the drawer closes then). */
  constructor(node, { become, opened }) {
    this.node = node;
    this.become = become;
    this.opened = opened;
    node.addEventListener("click", (event) => {
      if (event.target.closest("a")) opened();
    });
    node.addEventListener("keydown", (event) => this.arrows(event));
  }

  /** Draws what there is, if it is not what is drawn already; the focus stays on the entry that had it. */
  draw(current) {
    document.title = this.pageTitle(current);
    const focused = this.node.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const at = this.node.querySelector(".side-scroll")?.scrollTop || 0;
    const from = [current, store.me, store.team, [...store.channels], [...store.counts]];
    if (!refill(this.node, from, () => [this.head(), this.places(current)])) return;
    this.node.querySelector(".side-scroll").scrollTop = at;
    const again = focused && [...this.node.querySelectorAll("[data-key]")].find((n) => n.dataset.key === focused);
    if (again) again.focus();
  }

  places(current) {
    const all = [...store.channels.values()];
    const channels = all.filter((c) => !c.is_im).sort((a, b) => a.name.localeCompare(b.name));
    const mine = channels.filter((c) => c.is_member !== false);
    const others = channels.filter((c) => c.is_member === false);
    const app = store.appChannel();
    const direct = all.filter((c) => c.is_im && c !== app).sort((a, b) => store.title(a).localeCompare(store.title(b)));
    return h("div", { class: "side-scroll" },
      this.group("Channels", mine.map((c) => this.channel(c, current))),
      others.length ? this.group("Not joined", others.map((c) => this.channel(c, current))) : null,
      this.group("Direct messages", direct.map((c) => this.direct(c, current)), iconButton("plus", "New direct message", { dataset: { key: "new-dm" }, onclick: () => this.newMessage() })),
      app ? this.group("Apps", [this.direct(app, current)]) : null);
  }

  pageTitle(current) {
    const unread = [...store.counts.values()].reduce((sum, c) => sum + c.mentions, 0);
    const channel = store.channels.get(current);
    const name = channel ? `${channel.is_im ? "" : "#"}${store.title(channel)}` : "Home";
    return `${unread ? `(${unread}) ` : ""}${name} · ${store.team.name || "Playground"}`;
  }

  head() {
    const role = store.role(store.me);
    return h("div", { class: "side-head" },
      h("div", { class: "team" },
        h("img", { src: "/assets/icon.svg", alt: "", width: "28", height: "28" }),
        h("span", { class: "team-name" }, store.team.name || "Playground"),
        iconButton("search", "Jump to… (Ctrl+K)", { dataset: { key: "jump" }, onclick: () => this.jump() })),
      h("button", {
        type: "button",
        class: "persona",
        id: "persona",
        "aria-haspopup": "dialog",
        "aria-label": `You are ${store.fullName(store.me.id)}${role ? `, ${role}` : ""}. Switch person`,
        dataset: { key: "persona" },
        onclick: () => this.who(),
      }, avatar(store.me.id), h("span", { class: "persona-words" }, h("span", { class: "persona-you" }, role ? `You are · ${role}` : "You are"), h("span", { class: "persona-name" }, store.fullName(store.me.id))), icon("down")));
  }

  group(title, entries, button) {
    return h("section", { class: "side-group" },
      h("div", { class: "side-title" }, h("h2", null, title), button),
      h("ul", null, entries.map((entry) => h("li", null, entry))));
  }

  channel(channel, current) {
    const count = store.counts.get(channel.id);
    const app = store.app ? store.name(store.app.id) : "the app";
    const absent = channel.bot_is_member === false;
    return this.entry({
      channel,
      current,
      count,
      lead: icon(channel.is_private ? "lock" : "hash"),
      name: channel.name,
      extra: absent ? h("span", { class: "absent", title: `${app} is not in this channel` }, h("span", { "aria-hidden": "true" }, `no ${app}`)) : null,
      spoken: [channel.is_private ? "private channel" : "channel", channel.name, absent ? `${app} is not here` : ""],
    });
  }

  direct(channel, current) {
    const person = store.people.get(channel.user);
    const role = store.role(person);
    const self = channel.user === store.me.id;
    return this.entry({
      channel,
      current,
      count: store.counts.get(channel.id),
      lead: avatar(channel.user, "tiny"),
      name: store.title(channel) + (self ? " (you)" : ""),
      extra: role && role !== "admin" ? h("span", { class: "absent" }, role) : null,
      spoken: ["direct message with", store.title(channel), role],
    });
  }

  entry({ channel, current, count, lead, name, extra, spoken }) {
    const unread = count ? `, ${count.unread} unread` : "";
    return h("a", {
      class: count ? "side-entry unread" : "side-entry",
      href: route(channel.id),
      "aria-current": channel.id === current ? "page" : null,
      "aria-label": spoken.filter(Boolean).join(" ") + unread,
      dataset: { key: channel.id, channel: channel.id },
    }, lead, h("span", { class: "side-name" }, name), extra,
    count ? h("span", { class: count.mentions ? "count count-mention" : "count" }, String(count.mentions || count.unread)) : null);
  }

  arrows(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.closest(".side-entry")) return;
    const entries = [...this.node.querySelectorAll(".side-entry")];
    event.preventDefault();
    entries[(entries.indexOf(document.activeElement) + step + entries.length) % entries.length].focus();
  }

  /** Who am I: every person of the workspace that could sign in. */
  who() {
    const people = [...store.people.values()].filter((p) => !p.is_bot && !p.deleted);
    openPicker({
      title: "Who are you?",
      label: "Find a person",
      entries: people.map((p) => ({ id: p.id, text: store.fullName(p.id), hint: about(p), lead: avatar(p.id), current: p.id === store.me.id })),
      chosen: (id) => this.become(id),
    });
  }

  newMessage() {
    const people = [...store.people.values()].filter((p) => !p.deleted && p.id !== "USLACKBOT" && p.id !== store.me.id);
    openPicker({
      title: "New direct message",
      label: "To",
      entries: people.map((p) => ({ id: p.id, text: store.fullName(p.id), hint: about(p), lead: avatar(p.id) })),
      chosen: async (id) => {
        const channel = await store.direct(id);
        if (!channel) {
          announce(`A conversation with ${store.fullName(id)} cannot be opened.`);
          return;
        }
        location.hash = route(channel);
        this.opened();
      },
    });
  }

  /** Ctrl+K: every place by name. */
  jump() {
    const entries = [...store.channels.values()].map((c) => ({
      id: c.id,
      text: store.title(c),
      hint: c.is_im ? store.role(store.people.get(c.user)) : c.is_private ? "private channel" : "channel",
      lead: c.is_im ? avatar(c.user) : h("span", { class: "picker-icon" }, icon(c.is_private ? "lock" : "hash")),
    })).sort((a, b) => a.text.localeCompare(b.text));
    openPicker({
      title: "Jump to",
      label: "Channel or person",
      entries,
      chosen: (id) => {
        location.hash = route(id);
        this.opened();
      },
    });
  }
}

// What tells people of a list apart: what they do, and what is particular about them.
function about(person) {
  return [(person.profile || {}).title || `@${person.name}`, store.role(person)].filter(Boolean).join(" · ");
}
