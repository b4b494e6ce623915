// The things a text refers to: people, channels, groups, moments, addresses.
// mrkdwn, rich_text and the markdown block all end here.

import { h } from "./dom.js";
import { fullTime, slackDate } from "./dates.js";
import { store } from "./store.js";

// Addresses that a link may lead to; "/…" is this server's own. Anything else (javascript:, data:) is shown as text.
const SAFE = /^(https?:|mailto:|tel:|slack:|\/(?!\/))/i;

/** The address if a link may lead there, else "". */
export function safe(url) {
  return url && SAFE.test(url) ? url : "";
}

/** A link that opens elsewhere, or inside the page if it is a permalink of this workspace. */
export function link(url, label) {
  if (!safe(url)) return h("span", null, label || url);
  const here = permalink(url);
  if (here) return h("a", { class: here.includes("/@") ? "mention" : "link", href: here }, label || url);
  return h("a", { class: "link", href: url, target: "_blank", rel: "noopener noreferrer" }, label || url);
}

/** The page's own address of a Slack permalink, or null. */
export function permalink(url) {
  let parsed;
  try {
    parsed = new URL(url, location.href);
  } catch {
    return null;
  }
  const inside = parsed.origin === location.origin || parsed.hostname.endsWith(".slack.com");
  // How a bot names a person without waking them: the address of their profile. It opens the conversation with them.
  const person = inside && parsed.pathname.match(/^\/team\/(U[A-Z0-9]+)\/?$/);
  if (person) return route(`@${person[1]}`);
  const path = parsed.origin === location.origin && parsed.hash.startsWith("#/archives/") ? parsed.hash.slice(1) : parsed.pathname + parsed.search;
  const match = path.match(/^\/archives\/([A-Z0-9]+)(?:\/p(\d{10})(\d{6}))?(?:\?(.*))?$/);
  if (inside && match) {
    const thread = new URLSearchParams(match[4] || "").get("thread_ts");
    const ts = match[2] ? `${match[2]}.${match[3]}` : "";
    return route(match[1], thread || undefined, ts);
  }
  return null;
}

/** The hash of a place in the page: channel (or "home"), thread, and a message to show. */
export function route(channel, thread, message) {
  const parts = ["#", store.me ? store.me.id : "", channel];
  if (thread) parts.push(thread);
  return parts.join("/") + (message ? `?at=${message}` : "");
}

/** @Somebody; lit when it is the one who looks. */
export function mention(id, label) {
  const known = store.people.has(id);
  const mine = store.me && store.me.id === id;
  const name = known ? store.name(id) : label || id;
  return h("span", { class: mine ? "mention mention-me" : "mention", title: known ? store.fullName(id) : id }, `@${name}`);
}

/** #channel, or a lock for one that the person cannot see. */
export function channelLink(id, label) {
  const channel = store.channels.get(id);
  if (!channel) return h("span", { class: "mention" }, label ? `#${label}` : "🔒 private channel");
  return h("a", { class: "mention", href: route(id) }, `#${store.title(channel)}`);
}

/** @team, by its handle. */
export function groupNode(id, label) {
  const group = store.groups.get(id);
  const mine = group && (group.users || []).includes(store.me && store.me.id);
  const handle = group ? `@${group.handle}` : label || id;
  return h("span", { class: mine ? "mention mention-me" : "mention", title: group ? group.name : id }, handle);
}

/** @here, @channel, @everyone. */
export function everyone(word) {
  return h("span", { class: "mention mention-me" }, `@${word}`);
}

/** <!date^seconds^template^link|fallback>, given without its head and split from its fallback. */
export function dateNode(rest, fallback) {
  const [seconds, template, url] = rest.split("^");
  const number = Number(seconds);
  if (!Number.isFinite(number) || !template) return fallback || rest;
  const text = slackDate(number, template, store.zone(), store.now());
  const time = h("time", { datetime: new Date(number * 1000).toISOString(), title: fullTime(new Date(number * 1000), store.zone()) }, text);
  if (!url) return time;
  const node = link(url, text);
  return node;
}
