// The middle of the page: one conversation with its head, messages and field;
// and the panel for a thread.

import { get, post } from "./api.js";
import { announce, fill, h, icon, iconButton, refill } from "./dom.js";
import { commandOf } from "./complete.js";
import { Composer } from "./composer.js";
import { avatar } from "./elements.js";
import { route } from "./entities.js";
import { mrkdwn } from "./mrkdwn.js";
import { MessageList } from "./list.js";
import { failureWords } from "./surface.js";
import { store } from "./store.js";

/** Messages and this person's ephemeral ones in one order, without those that were dismissed. */
function merged(channel, messages, ephemerals) {
  const own = [...(ephemerals || []), ...store.locals(channel)]
    .filter((m) => !store.dismissed(channel, m.ts))
    .map((m) => ({ ...m, is_ephemeral: true }));
  return [...(messages || []), ...own].sort((a, b) => Number(a.ts) - Number(b.ts));
}

export class Conversation {
  /** `home` is the Home tab; `openThread(ts)` opens the panel, `drawer()` the sidebar on a phone; `joined()` is told of a new membership. */
  constructor({ header, stage, home, openThread, drawer, joined }) {
    this.joined = joined;
    this.header = header;
    this.home = home;
    this.drawer = drawer;
    this.list = new MessageList({ label: "Messages", openThread, dismissed: () => this.refresh() });
    this.composer = new Composer({ id: "composer-text", send: (text) => deliver(this.channel, text, undefined, () => this.refresh()) });
    this.tabs = h("nav", { class: "tabs", "aria-label": "App", hidden: true });
    fill(stage, this.tabs, this.list.node, home.node, this.composer.node);
  }

  /** Turns to a channel; with `atHome` to the app's Home tab beside it. */
  async show(channel, atHome) {
    this.channel = channel;
    this.atHome = atHome;
    this.history = null;
    const found = store.channels.get(channel);
    this.list.reset(store.lastRead(channel));
    this.drawHead(found);
    this.list.node.hidden = atHome;
    this.home.node.hidden = !atHome;
    this.composer.node.hidden = atHome;
    this.showField(found);
    if (atHome) await this.home.open();
    else await this.refresh();
  }

  /** Looks again at what the person may do here, after a membership may have changed. */
  recheck() {
    const channel = store.channels.get(this.channel);
    this.drawHead(channel);
    if (closedWords(channel) !== this.closed) this.showField(channel);
  }

  showField(channel) {
    const closed = closedWords(channel);
    this.closed = closed;
    // Whoever may look into a channel may join it, except guests; they never see one that they are not in.
    const remedy = closed && channel && !channel.is_archived ? { label: `Join #${channel.name}`, run: () => this.join(channel) } : null;
    this.composer.show({ place: this.channel, label: `Message ${channel && channel.is_im ? "" : "#"}${store.title(channel)}`, closed, remedy });
  }

  async join(channel) {
    const failed = await run(channel.id, { name: "/join", text: "", known: { command: "/join", builtIn: true } });
    if (failed) announce(failed);
    this.showField(store.channels.get(channel.id));
    this.composer.focus();
    this.joined();
  }

  drawHead(channel) {
    if (!channel) return;
    const person = channel.is_im ? store.people.get(channel.user) : null;
    const app = store.app ? store.name(store.app.id) : "the app";
    const topic = channel.topic && (channel.topic.value ?? channel.topic);
    const role = store.role(person);
    refill(this.header, [channel, person, app], () => [
      iconButton("menu", "Channels", { class: "icon-button menu-button", onclick: () => this.drawer() }),
      h("div", { class: "channel-title" },
        channel.is_im ? avatar(channel.user, "small") : icon(channel.is_private ? "lock" : "hash"),
        h("h1", null, store.title(channel)),
        role && role !== "admin" ? h("span", { class: role === "app" ? "badge badge-app" : "badge" }, role) : null),
      topic ? h("div", { class: "topic", title: topic }, mrkdwn(topic)) : h("div", { class: "topic" }),
      channel.bot_is_member === false && !channel.is_im
        ? h("span", { class: "absent-chip", title: `Type /invite @${store.app ? store.app.name : ""} to bring it in` }, `${app} is not here`) : null,
    ]);
    this.drawTabs(channel);
  }

  /** Draws the app's tabs, with what was not read of its messages. */
  drawTabs(channel = store.channels.get(this.channel)) {
    const isApp = store.app && channel && channel.is_im && channel.user === store.app.id;
    this.tabs.hidden = !isApp;
    if (!isApp) return;
    const unread = (store.counts.get(channel.id) || {}).unread || 0;
    const place = `${store.me.id}/${channel.id}/${this.atHome}`;
    const focused = place === this.tabbed ? [...this.tabs.children].indexOf(document.activeElement) : -1;
    this.tabbed = place;
    const tab = (label, href, on, count) => h("a", { class: "tab", href, "aria-current": on ? "page" : null, "aria-label": count ? `${label}, ${count} unread` : null },
      label, count ? h("span", { class: "count count-mention" }, String(count)) : null);
    const drawn = refill(this.tabs, [channel.id, store.me.id, this.atHome, unread],
      () => [tab("Home", route("home"), this.atHome), tab("Messages", route(channel.id), !this.atHome, unread)]);
    if (drawn && focused >= 0) this.tabs.children[focused].focus();
  }

  /** Asks for the messages and shows what changed. */
  async refresh() {
    const { channel } = this;
    const user = store.me.id;
    const answer = await get("/_page/history", { user, channel });
    if (channel !== this.channel || user !== store.me.id || this.atHome) return;
    if (!answer.ok) {
      this.list.show(channel, [], h("div", { class: "intro" }, h("p", { class: "act-note" }, `The messages cannot be read: ${failureWords(answer.error)}`)));
      return;
    }
    const ephemerals = (answer.ephemerals || []).filter((m) => !m.thread_ts || m.thread_ts === m.ts);
    const messages = merged(channel, answer.messages, ephemerals).filter((m) => !(m.is_ephemeral && m.thread_ts && m.thread_ts !== m.ts));
    this.list.show(channel, messages, intro(store.channels.get(channel)));
    const last = (answer.messages || [])[answer.messages.length - 1];
    if (last && document.visibilityState === "visible") store.markRead(channel, last.ts);
  }
}

// Why nothing can be written in a conversation, or "".
function closedWords(channel) {
  if (!channel) return "This conversation cannot be seen by you.";
  if (channel.is_archived) return "This channel is archived.";
  if (!channel.is_im && channel.is_member === false) return `${store.fullName(store.me.id)} is not in #${channel.name}.`;
  return "";
}

function intro(channel) {
  if (!channel) return h("div", { class: "intro" });
  const app = store.app && channel.is_im && channel.user === store.app.id;
  const examples = store.commands.slice(0, 4).map((c) => h("li", null, h("code", null, `${c.command} ${c.usage_hint || ""}`.trim()), c.description ? ` ${c.description}` : ""));
  return h("div", { class: "intro" },
    channel.is_im ? avatar(channel.user, "large") : h("span", { class: "intro-icon" }, icon(channel.is_private ? "lock" : "hash")),
    h("h2", null, channel.is_im ? store.title(channel) : `#${channel.name}`),
    h("p", null, channel.is_im ? `This is the beginning of your conversation with ${store.title(channel)}.` : `This is the very beginning of the ${channel.is_private ? "private channel" : "channel"} ${channel.name}.`),
    !channel.is_im && channel.bot_is_member === false && store.app
      ? h("p", { class: "muted" }, `${store.name(store.app.id)} is not in this channel. Commands work all the same; for it to post here, type `, h("code", null, `/invite @${store.app.name}`), ".") : null,
    examples.length && (app || channel.bot_is_member !== false) ? [h("p", { class: "muted" }, "Type / to see every command. For example:"), h("ul", { class: "examples" }, examples)] : null);
}

/** Sends what was typed: a message, or a slash command with its failures told by Slackbot. True when it was taken. */
async function deliver(channel, text, thread, refresh) {
  const command = commandOf(text);
  const slackbot = (words) => {
    store.slackbotSays(channel, words, thread);
    refresh();
  };
  if (!command) {
    const answer = await post("/_control/message", { channel, user: store.me.id, text, thread_ts: thread });
    if (!answer.ok) slackbot(`Your message was not sent: ${failureWords(answer.error)}`);
    else refresh();
    return answer.ok;
  }
  if (thread) {
    slackbot(`\`${command.name}\` is not supported in threads. Sorry!`);
    return true;
  }
  if (!command.known) {
    slackbot(`\`${command.name}\` is not a valid command. In Slack, all messages that start with the “/” character are read as commands.\nType / to see those that there are.`);
    return true;
  }
  const failed = await run(channel, command);
  if (failed) slackbot(failed);
  else refresh();
  return true;
}

async function run(channel, command) {
  const answer = await post("/_control/command", { channel, user: store.me.id, command: command.known.command, text: command.text });
  if (answer.ok) {
    if (command.known.builtIn) await store.load(store.me.id); // who is in the channel has changed
    return "";
  }
  if (command.known.builtIn) return `\`${command.name}\` did not work: ${builtInWords(answer.error)}`;
  // Slack's own words, so that one who knows them knows what happened.
  return `\`${command.name}\` failed with the error “${answer.error}”\n${failureWords(answer.error)}`;
}

// Slack's own commands are answered by the playground, not by the app.
function builtInWords(error) {
  return {
    already_in_channel: "they are already in this channel.",
    user_not_found: "nobody has that name.",
    restricted_action: "you may not do that here.",
    not_in_channel: "you are not in this channel.",
  }[error] || error;
}

export class Thread {
  /** `closed()` is called when the person closes the panel. */
  constructor({ panel, closed }) {
    this.panel = panel;
    this.closed = closed;
    this.list = new MessageList({ label: "Thread", inThread: true, dismissed: () => this.refresh() });
    this.composer = new Composer({ id: "thread-text", send: (text) => deliver(this.channel, text, this.ts, () => this.refresh()) });
    this.head = h("header", { class: "channel-header" });
    fill(panel, this.head, h("div", { class: "stage" }, this.list.node, this.composer.node));
  }

  /** Opens the thread under a message; without `ts` the panel goes away. */
  async show(channel, ts) {
    const same = this.channel === channel && this.ts === ts;
    this.channel = channel;
    this.ts = ts;
    this.panel.hidden = !ts;
    document.getElementById("app").classList.toggle("with-panel", Boolean(ts));
    if (!ts) {
      this.list.reset(); // a hidden copy of the buttons would be in the way of whoever looks for them
      return;
    }
    const found = store.channels.get(channel);
    if (!same) this.list.reset();
    refill(this.head, [found], () => [
      h("div", { class: "channel-title" }, h("h2", null, "Thread"), h("span", { class: "muted" }, found && !found.is_im ? `#${found.name}` : store.title(found))),
      iconButton("close", "Close the thread (Esc)", { onclick: () => this.closed() }),
    ]);
    this.composer.show({ place: `${channel}/${ts}`, label: "Reply…", closed: closedWords(found) });
    await this.refresh();
  }

  async refresh() {
    const { channel, ts } = this;
    if (!ts) return;
    const user = store.me.id;
    const answer = await get("/_page/thread", { user, channel, ts });
    if (channel !== this.channel || ts !== this.ts || user !== store.me.id) return;
    if (!answer.ok) {
      this.list.show(channel, [], h("div", { class: "intro" }, h("p", { class: "act-note" }, failureWords(answer.error))));
      return;
    }
    const messages = merged(channel, answer.messages, answer.ephemerals).filter((m) => !m.is_ephemeral || m.thread_ts === ts);
    this.list.show(channel, messages);
  }
}
