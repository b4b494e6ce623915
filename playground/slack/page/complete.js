// What the message field offers while one types: commands, people, channels,
// emoji. What is sent is what was typed: the server escapes it and turns names
// into references, as Slack does.

import { searchEmoji } from "./emoji.js";
import { store } from "./store.js";

const MOST = 8; // entries in the list
const BROADCASTS = [
  { word: "here", hint: "notifies everyone who is active" },
  { word: "channel", hint: "notifies everyone in this channel" },
];

/**
 * What fits what stands before the caret: {start, kind, items} or null. Each
 * item is {insert, label, hint, char?, person?}; `start` is where the typed
 * word begins, which the item replaces.
 */
export function suggestions(text, caret) {
  const before = text.slice(0, caret);
  const command = before.match(/^\/(\S*)$/);
  if (command) return found(0, "command", commands(command[1]), command[0]);
  const word = before.match(/(^|[\s(])([@#:])([\p{L}\p{N}_.+'-]*)$/u);
  if (!word) return null;
  const start = caret - word[3].length - 1;
  if (word[2] === "@") return found(start, "person", people(word[3]), word[2] + word[3]);
  if (word[2] === "#") return found(start, "channel", channels(word[3]), word[2] + word[3]);
  if (word[3].length < 2) return null; // ":" alone, or ":-", is more likely a smile
  return found(start, "emoji", searchEmoji(word[3], MOST).map((e) => ({ insert: e.char, label: `:${e.name}:`, char: e.char })), word[0]);
}

// An item that is typed in full already is marked: Enter sends then, and does not only add a blank.
function found(start, kind, items, typed) {
  if (!items.length) return null;
  return { start, kind, items: items.map((item) => ({ ...item, exact: item.insert.trim().toLowerCase() === typed.toLowerCase() })) };
}

/** All commands that a person can type here: the app's, and Slack's own that the playground knows. */
export function allCommands() {
  const app = store.app ? store.name(store.app.id) : "the app";
  const own = (command, usage, description) => ({ command, usage_hint: usage, description, from: "Slack", builtIn: true });
  return [
    ...store.commands.map((c) => ({ ...c, from: app })),
    own("/invite", `@${store.app ? store.app.name : "somebody"}`, "Bring somebody into this channel"),
    own("/remove", "@somebody", "Take somebody out of this channel"),
    own("/join", "#channel", "Become a member of a channel"),
  ];
}

/** The command that a text begins with, if its name is complete. */
export function commandOf(text) {
  const match = text.match(/^(\/\S+)(?:\s+([\s\S]*))?$/);
  if (!match) return null;
  const known = allCommands().find((c) => c.command === match[1].toLowerCase());
  return { name: match[1], text: (match[2] || "").trim(), known };
}

function commands(typed) {
  const text = typed.toLowerCase();
  const rank = (c) => (c.command.slice(1).startsWith(text) ? 0 : c.command.includes(text) ? 1 : 2);
  return allCommands()
    .filter((c) => rank(c) < 2)
    .sort((a, b) => rank(a) - rank(b))
    .map((c) => ({ insert: `${c.command} `, label: c.command, usage: c.usage_hint, hint: c.description, from: c.from }));
}

function fits(typed, ...names) {
  const text = typed.toLowerCase();
  return names.filter(Boolean).some((name) => name.toLowerCase().split(/[\s.-]+/).concat(name.toLowerCase()).some((part) => part.startsWith(text)));
}

function people(typed) {
  const persons = [...store.people.values()]
    .filter((p) => !p.deleted && p.id !== "USLACKBOT" && fits(typed, p.name, store.name(p.id), store.fullName(p.id)))
    .map((p) => ({ insert: `@${p.name} `, label: store.fullName(p.id), hint: [`@${p.name}`, store.role(p)].filter(Boolean).join(" · "), person: p.id }));
  const groups = [...store.groups.values()]
    .filter((g) => fits(typed, g.handle, g.name))
    .map((g) => ({ insert: `@${g.handle} `, label: `@${g.handle}`, hint: g.name, char: "👥" }));
  const all = BROADCASTS.filter((b) => fits(typed, b.word)).map((b) => ({ insert: `@${b.word} `, label: `@${b.word}`, hint: b.hint, char: "📣" }));
  return [...persons, ...groups, ...all].slice(0, MOST);
}

function channels(typed) {
  return [...store.channels.values()]
    .filter((c) => !c.is_im && fits(typed, c.name))
    .map((c) => ({ insert: `#${c.name} `, label: `#${c.name}`, hint: c.is_private ? "private" : topic(c), char: c.is_private ? "🔒" : "#" }))
    .slice(0, MOST);
}

function topic(channel) {
  const value = channel.topic && (channel.topic.value ?? channel.topic);
  return typeof value === "string" ? value : "";
}
