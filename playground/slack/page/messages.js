// One message: who, when, what, and what can be done with it.

import { announce, h, icon, iconButton } from "./dom.js";
import { blocks } from "./blocks.js";
import { clockTime, dayLabel, fullTime, tsDate } from "./dates.js";
import { avatar } from "./elements.js";
import { emojiFor } from "./emoji.js";
import { link, route } from "./entities.js";
import { fileCard } from "./files.js";
import { mrkdwn } from "./mrkdwn.js";
import { openMenu } from "./popup.js";
import { post } from "./api.js";
import { failureWords } from "./surface.js";
import { store } from "./store.js";

const FACES = 4; // people shown beside "3 replies"

/** Who wrote it: a person, the app, or a name that the app gave itself. */
export function author(message) {
  const id = message.user || (store.app && message.bot_id ? store.app.id : message.bot_id || "");
  const name = message.username || (message.user || !message.bot_profile ? store.fullName(id) : message.bot_profile.name);
  return { id, name };
}

/** Only lines about comings and goings: they are shown small, without buttons. */
export function isSystem(message) {
  return /^(channel|group)_|^bot_(add|remove)|^tombstone$|_topic$|_purpose$/.test(message.subtype || "");
}

/**
 * Draws a message. `surface` is its interactive surface; `follow` leaves the
 * head out (the one above is by the same person); `inThread` leaves the replies
 * out; `openThread(ts)` and `dismiss(ts)` are called on those buttons.
 */
export function messageNode(message, { channel, surface, follow, inThread, openThread, dismiss }) {
  const { id, name } = author(message);
  const date = tsDate(message.ts);
  const hidden = Boolean(message.is_ephemeral);
  const head = h("div", { class: "message-head" },
    h("span", { class: "author" }, name), badge(id),
    h("a", { class: "time", href: route(channel, inThread ? message.thread_ts : undefined, message.ts), title: fullTime(date, store.zone()) }, clockTime(date, store.zone())));
  const body = h("div", { class: "message-body" },
    hidden ? h("div", { class: "only-you" }, icon("eye"), "Only visible to you",
      h("button", { type: "button", class: "text-button dismiss", onclick: () => dismiss(message.ts) }, "Dismiss")) : null,
    message.subtype === "thread_broadcast" && !inThread ? h("div", { class: "muted small" }, "replied to a thread") : null,
    follow ? null : head,
    content(message, surface),
    reactions(message),
    inThread || hidden ? null : replies(message, openThread));
  const classes = ["message", hidden ? "ephemeral" : "", follow ? "follow" : "", isSystem(message) ? "system" : ""].filter(Boolean).join(" ");
  return h("article", { class: classes, dataset: { ts: message.ts }, "aria-label": `${name}, ${clockTime(date, store.zone())}${hidden ? ", only visible to you" : ""}` },
    h("div", { class: "gutter" }, follow ? h("span", { class: "time small", title: fullTime(date, store.zone()) }, clockTime(date, store.zone())) : avatar(id)),
    body,
    hidden || isSystem(message) ? null : tools(message, channel, inThread, openThread));
}

function badge(id) {
  const role = store.role(store.people.get(id));
  return role && role !== "admin" ? h("span", { class: role === "app" ? "badge badge-app" : "badge" }, role) : null;
}

function content(message, surface) {
  surface.redraw();
  const edited = message.edited ? h("span", { class: "edited", title: message.edited.ts ? fullTime(tsDate(message.edited.ts), store.zone()) : null }, "(edited)") : null;
  const parts = [];
  if ((message.blocks || []).length) parts.push(h("div", { class: "blocks" }, blocks(surface, message.blocks)), edited);
  else if (message.text) parts.push(h("div", { class: "text" }, mrkdwn(message.text), edited ? [" ", edited] : null));
  for (const attachment of message.attachments || []) parts.push(attached(attachment, surface));
  if ((message.files || []).length) parts.push(h("div", { class: "files" }, message.files.map(fileCard)));
  return parts;
}

const NAMED_COLOURS = { good: "#2f9e63", warning: "#d9a038", danger: "#c8323f" };

function attached(a, surface) {
  const node = h("div", { class: "attachment" },
    a.pretext ? h("div", { class: "text pretext" }, mrkdwn(a.pretext)) : null,
    h("div", { class: "attachment-body" },
      a.author_name ? h("div", { class: "small strong" }, a.author_link ? link(a.author_link, a.author_name) : a.author_name) : null,
      a.title ? h("div", { class: "strong" }, a.title_link ? link(a.title_link, a.title) : a.title) : null,
      a.blocks ? h("div", { class: "blocks" }, blocks(surface, a.blocks)) : null,
      a.text && !a.blocks ? h("div", { class: "text" }, mrkdwn(a.text)) : null,
      (a.fields || []).length ? h("div", { class: "section-fields" }, a.fields.map((f) => h("div", { class: f.short ? "section-field" : "section-field whole" }, h("div", { class: "strong" }, f.title), mrkdwn(f.value || "")))) : null,
      a.image_url ? h("img", { class: "block-picture", src: a.image_url, alt: a.fallback || "", loading: "lazy" }) : null,
      a.footer || a.ts ? h("div", { class: "muted small" }, [a.footer, a.ts ? fullTime(new Date(a.ts * 1000), store.zone()) : null].filter(Boolean).join(" · ")) : null));
  const colour = NAMED_COLOURS[a.color] || (/^#?[0-9a-f]{6}$/i.test(a.color || "") ? `#${a.color.replace("#", "")}` : "");
  // Through the style object: a style attribute would need a looser content security policy.
  if (colour) node.style.setProperty("--bar", colour);
  return node;
}

function reactions(message) {
  if (!(message.reactions || []).length) return null;
  return h("ul", { class: "reactions", "aria-label": "Reactions" }, message.reactions.map((r) => {
    const who = (r.users || []).map((u) => store.name(u)).join(", ");
    return h("li", { class: (r.users || []).includes(store.me.id) ? "reaction mine" : "reaction", title: `${who} reacted with :${r.name}:` },
      h("span", { "aria-hidden": "true" }, emojiFor(r.name.split("::")[0]) || `:${r.name}:`),
      h("span", { class: "visually-hidden" }, r.name), ` ${r.count || (r.users || []).length}`);
  }));
}

function replies(message, openThread) {
  if (!message.reply_count) return null;
  const last = message.latest_reply ? tsDate(message.latest_reply) : null;
  const people = (message.reply_users || []).slice(0, FACES);
  return h("button", { type: "button", class: "replies", onclick: () => openThread(message.ts) },
    people.map((id) => avatar(id, "tiny")),
    h("span", { class: "replies-count" }, message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`),
    last ? h("span", { class: "replies-last" }, `Last reply ${dayLabel(last, store.zone(), store.now()).toLowerCase()} at ${clockTime(last, store.zone())}`) : null);
}

function tools(message, channel, inThread, openThread) {
  const more = iconButton("more", "More actions", { "aria-haspopup": "menu", "aria-expanded": "false" });
  more.addEventListener("click", () => openMenu(more, [
    { label: "Copy link", run: () => copyLink(route(channel, inThread ? message.thread_ts : undefined, message.ts)) },
    { label: "Copy as JSON", hint: "as the API gives it", run: () => copy(JSON.stringify(message, null, 2), "The message's JSON is copied.") },
    ...store.shortcuts.filter((s) => s.type === "message").map((s) => ({
      label: s.name,
      hint: store.app ? store.name(store.app.id) : "",
      run: async () => {
        const answer = await post("/_control/shortcut", { user: store.me.id, callback_id: s.callback_id, channel, messageTs: message.ts });
        if (!answer.ok) announce(failureWords(answer.error));
      },
    })),
  ], "More actions"));
  return h("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    inThread ? null : iconButton("thread", "Reply in thread", { onclick: () => openThread(message.thread_ts || message.ts) }),
    more);
}

function copyLink(hash) {
  copy(new URL(hash, location.href).href, "The link is copied.");
}

async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    announce(words);
  } catch {
    announce("The browser did not allow copying.");
  }
}
