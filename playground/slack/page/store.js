// What the page knows of the workspace: people, channels, commands, and what
// has been read. Views ask here; nobody else keeps a copy.

import { get, post } from "./api.js";

const SLACKBOT = { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", is_bot: true };
const PALETTE = 12; // avatar colours in base.css: .tint-0 … .tint-11

class Store {
  constructor() {
    this.team = {};
    this.me = null;
    this.app = null;
    this.people = new Map();
    this.channels = new Map();
    this.groups = new Map();
    this.commands = [];
    this.extra = [];
    this.landing = ""; // the channel for who has seen none yet
    this.shortcuts = [];
    this.connected = true; // whether the app has a socket open
    this.clock = { now: null, offset: 0 };
    this.counts = new Map(); // channel → {unread, mentions}
    this.drafts = new Map(); // user+place → text
    this.local = new Map(); // user+channel → Slackbot's words that only this page knows
    this.started = 0;
  }

  /** Reads the workspace as that person (undefined: whom the server offers first). Throws the server's error. */
  async load(user) {
    const state = await get("/_page/state", { user });
    if (!state.ok) throw new Error(state.error);
    this.team = state.team || {};
    this.people = new Map((state.people || []).map((p) => [p.id, p]));
    this.people.set(SLACKBOT.id, SLACKBOT);
    this.app = state.app || null;
    if (this.app) this.people.set(this.app.id, { is_bot: true, ...this.people.get(this.app.id), ...this.app });
    this.me = state.me || null;
    this.channels = new Map((state.channels || []).map((c) => [c.id, c]));
    this.groups = new Map((state.usergroups || []).map((g) => [g.id, g]));
    this.commands = (state.commands || []).map((c) => ({ ...c, command: c.command.startsWith("/") ? c.command : `/${c.command}` }));
    this.extra = state.extra || [];
    this.landing = state.landing || "";
    this.shortcuts = state.shortcuts || [];
    this.connected = state.connected !== false;
    this.setClock(state.clock);
    if (!this.started) this.started = this.now().getTime() / 1000;
    return state;
  }

  setClock(clock) {
    if (!clock) return;
    const now = Date.parse(clock.now);
    // The server's own wall clock may differ from the browser's, so the offset is taken from "now".
    if (!Number.isNaN(now)) this.clock.skew = now - Date.now();
    this.clock.offset = clock.offset_ms || 0;
  }

  /** The playground's time. */
  now() {
    return new Date(Date.now() + (this.clock.skew || 0));
  }

  /** The zone in which the person sees times. */
  zone() {
    return (this.me && this.me.tz) || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  }

  /** The name by which people are called in a conversation. */
  name(id) {
    const person = this.people.get(id);
    if (!person) return id;
    const profile = person.profile || {};
    return profile.display_name || person.real_name || profile.real_name || person.name || id;
  }

  /** The full name, for the sidebar and for authors. */
  fullName(id) {
    const person = this.people.get(id);
    if (!person) return id;
    return person.real_name || (person.profile || {}).real_name || this.name(id);
  }

  /** What is particular about a person, in a word: "guest", "other workspace", "app", "deactivated". */
  role(person) {
    if (!person) return "";
    if (person.deleted) return "deactivated";
    if (person.is_bot) return "app";
    if (person.is_stranger || (person.team_id && this.team.id && person.team_id !== this.team.id)) return "other workspace";
    if (person.is_ultra_restricted || person.is_restricted) return "guest";
    if (person.is_admin || person.is_owner) return "admin";
    return "";
  }

  /** Initials and a colour that stays the same for a person. */
  face(id) {
    const words = this.fullName(id).replace(/[^\p{L}\p{N} ]/gu, " ").trim().split(/\s+/);
    const initials = (words.length > 1 ? words[0][0] + words[words.length - 1][0] : (words[0] || "?").slice(0, 2)).toUpperCase();
    // By place in the list of people: neighbours differ, and a person keeps their colour.
    const place = [...this.people.keys()].indexOf(id);
    return { initials, tint: (place + PALETTE) % PALETTE };
  }

  /** A channel's name as people say it: "#payments", or the other person's name. */
  title(channel) {
    if (!channel) return "";
    return channel.is_im ? this.fullName(channel.user) : channel.name;
  }

  /** The person's direct conversation with the app. */
  appChannel() {
    for (const channel of this.channels.values()) if (channel.is_im && this.app && channel.user === this.app.id) return channel;
    return null;
  }

  /** The id of the conversation with a person, opened if there is none yet; "" where that is refused. */
  async direct(person) {
    for (const channel of this.channels.values()) if (channel.is_im && channel.user === person) return channel.id;
    const answer = await post("/_page/dm", { user: this.me.id, with: person });
    if (!answer.ok) return "";
    await this.load(this.me.id);
    return answer.channel;
  }

  // --- what has been read, by person and channel, kept across reloads ---

  readKey(channel) {
    return `read:${this.team.id || ""}:${this.me.id}:${channel}`;
  }

  lastRead(channel) {
    return Number(remembered(this.readKey(channel))) || this.started;
  }

  markRead(channel, ts) {
    if (ts && Number(ts) > this.lastRead(channel)) remember(this.readKey(channel), ts);
    this.counts.delete(channel);
  }

  /** Counts what the person has not seen in a channel's history. */
  count(channel, messages) {
    const since = this.lastRead(channel);
    const fresh = messages.filter((m) => Number(m.ts) > since && m.user !== this.me.id);
    if (!fresh.length) {
      this.counts.delete(channel);
      return;
    }
    const forMe = (m) => [`<@${this.me.id}`, "<!here", "<!channel", "<!everyone"].some((word) => JSON.stringify(m).includes(word))
      || JSON.stringify(m.blocks || "").includes(`"user_id":"${this.me.id}"`);
    const direct = (this.channels.get(channel) || {}).is_im;
    this.counts.set(channel, { unread: fresh.length, mentions: direct ? fresh.length : fresh.filter(forMe).length });
  }

  // --- ephemeral messages that were dismissed, and Slackbot's own ---

  dismiss(channel, ts) {
    remember(`gone:${this.me.id}:${channel}:${ts}`, "1");
    const own = this.locals(channel);
    this.local.set(this.me.id + channel, own.filter((m) => m.ts !== ts));
  }

  dismissed(channel, ts) {
    return remembered(`gone:${this.me.id}:${channel}:${ts}`) !== null;
  }

  locals(channel) {
    return this.local.get(this.me.id + channel) || [];
  }

  /** Slackbot says something to this person alone, as Slack does about commands that failed. */
  slackbotSays(channel, text, thread) {
    const ts = (this.now().getTime() / 1000).toFixed(6);
    const message = { type: "message", user: SLACKBOT.id, ts, text, thread_ts: thread, is_ephemeral: true };
    this.local.set(this.me.id + channel, [...this.locals(channel), message]);
    return message;
  }
}

/** Reads a value kept in this browser, or null. */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps a value in this browser; where storage is blocked it is simply forgotten on reload. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}

/** The one workspace of this page. */
export const store = new Store();
