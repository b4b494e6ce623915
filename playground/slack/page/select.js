// Menus: fixed, searched through the app, of people, channels, conversations;
// for one choice or for several. One combobox serves them all.

import { h, icon, fill, uid } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { confirmed, openPopup } from "./popup.js";
import { failureWords } from "./surface.js";
import { store } from "./store.js";

const SEARCH_FROM = 8; // options: a shorter list is seen at a glance
const TYPING_PAUSE = 250; // ms after the last key before the app is asked

// Where the choice stands in Slack's value object, by kind and number.
const FIELDS = {
  static: ["selected_option", "selected_options"],
  external: ["selected_option", "selected_options"],
  users: ["selected_user", "selected_users"],
  channels: ["selected_channel", "selected_channels"],
  conversations: ["selected_conversation", "selected_conversations"],
};

/** Whether this module draws that element. */
export function isSelect(type) {
  return /^(multi_)?(static|external|users|channels|conversations)_select$/.test(type);
}

/** Draws a menu. `dispatch` tells the app on each change; otherwise the value waits for the form. */
export function select(surface, block, element, { dispatch, labelledBy, describedBy }) {
  const multi = element.type.startsWith("multi_");
  const kind = element.type.replace("multi_", "").replace("_select", "");
  const field = FIELDS[kind][multi ? 1 : 0];
  const ids = kind !== "static" && kind !== "external";
  const toValue = (chosen) => {
    const raw = chosen.map((o) => (ids ? o.value : o.option));
    return { [field]: multi ? raw : raw[0] ?? null };
  };
  const held = surface.declare(block, element, initialValue(element, kind, field, multi, surface), (value) => {
    const now = value && value[field];
    return !now || (multi && !now.length) ? "Please complete this required field." : "";
  });
  let chosen = [held && held[field]].flat().filter(Boolean).map((raw) => (ids ? named(raw) : fromOption(raw)));

  const words = h("span", { class: "select-words" });
  const name = plain(element.placeholder) || (kind === "users" ? "Choose a person" : multi ? "Choose…" : "Choose an option");
  const trigger = h("button", {
    type: "button",
    id: uid("select"),
    class: "select",
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    "aria-describedby": describedBy,
    dataset: { focus: `${block.block_id}/${element.action_id}`, action: element.action_id || "" },
  }, words, icon("down"));
  if (labelledBy) trigger.setAttribute("aria-labelledby", `${labelledBy} ${trigger.id}`);

  const show = () => {
    words.textContent = chosen.length ? chosen.map((o) => o.text).join(", ") : name;
    trigger.classList.toggle("unset", !chosen.length);
    if (!labelledBy) trigger.setAttribute("aria-label", chosen.length ? `${name}: ${words.textContent}` : name);
  };
  show();

  const settle = async (next) => {
    const before = chosen;
    if (dispatch && !(await confirmed(element.confirm))) return;
    chosen = next;
    const value = toValue(chosen);
    surface.set(block, element, value);
    show();
    if (!dispatch) return;
    trigger.setAttribute("aria-busy", "true");
    const answer = await surface.act(block, element, value);
    trigger.removeAttribute("aria-busy");
    if (!answer.ok) {
      chosen = before;
      surface.set(block, element, toValue(before));
      show();
    }
  };
  const source = sourceOf(surface, block, element, kind);
  trigger.addEventListener("click", () => openList({ trigger, name, multi, source, chosen, limit: element.max_selected_items, settle }));
  trigger.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    trigger.click();
  });
  return trigger;
}

function initialValue(element, kind, field, multi, surface) {
  const initial = {
    static: multi ? element.initial_options : element.initial_option,
    external: multi ? element.initial_options : element.initial_option,
    users: multi ? element.initial_users : element.initial_user,
    channels: multi ? element.initial_channels : element.initial_channel,
    conversations: multi ? element.initial_conversations : element.initial_conversation,
  }[kind];
  if (initial !== undefined && initial !== null && initial !== "") return { [field]: initial };
  if (kind === "conversations" && element.default_to_current_conversation && surface.current) {
    return { [field]: multi ? [surface.current] : surface.current };
  }
  return undefined;
}

function fromOption(option) {
  return { value: option.value, text: plain(option.text), hint: plain(option.description), option };
}

function named(id) {
  const channel = store.channels.get(id);
  if (channel) return { value: id, text: channel.is_im ? store.title(channel) : `#${channel.name}` };
  return { value: id, text: store.people.has(id) ? store.fullName(id) : id };
}

// A source gives groups [{label, options}] for what was typed, perhaps later.
function sourceOf(surface, block, element, kind) {
  if (kind === "external") return external(surface, block, element);
  const groups = kind === "static" ? fixed(element) : [{ label: "", options: ofWorkspace(kind, element) }];
  const count = groups.reduce((sum, group) => sum + group.options.length, 0);
  return {
    search: count > SEARCH_FROM || kind !== "static",
    options: async (typed) => ({ groups: filtered(groups, typed) }),
  };
}

function fixed(element) {
  if (element.option_groups) return element.option_groups.map((g) => ({ label: plain(g.label), options: (g.options || []).map(fromOption) }));
  return [{ label: "", options: (element.options || []).map(fromOption) }];
}

function ofWorkspace(kind, element) {
  const filter = element.filter || {};
  const people = [...store.people.values()].filter((p) => !p.deleted && p.id !== "USLACKBOT" && !(filter.exclude_bot_users && p.is_bot));
  const channels = [...store.channels.values()].filter((c) => !c.is_im);
  if (kind === "users") return people.map((p) => ({ ...named(p.id), hint: store.role(p) }));
  if (kind === "channels") return channels.filter((c) => !c.is_private).map((c) => named(c.id));
  const include = filter.include || ["public", "private", "im"];
  return [
    ...channels.filter((c) => include.includes(c.is_private ? "private" : "public")).map((c) => named(c.id)),
    ...(include.includes("im") ? [...store.channels.values()].filter((c) => c.is_im).map((c) => named(c.id)) : []),
  ];
}

function filtered(groups, typed) {
  const text = typed.trim().toLowerCase();
  return groups
    .map((group) => ({ ...group, options: group.options.filter((o) => `${o.text} ${o.hint || ""}`.toLowerCase().includes(text)) }))
    .filter((group) => group.options.length);
}

function external(surface, block, element) {
  const least = element.min_query_length ?? 3; // Slack's default
  return {
    search: true,
    slow: true,
    options: async (typed) => {
      if (typed.trim().length < least) return { groups: [], words: `Type ${least === 1 ? "a letter" : `${least} letters`} to search.` };
      const answer = await surface.suggest(block, element, typed);
      if (answer.ok === false) return { groups: [], words: failureWords(answer.error) };
      const found = answer.response || answer;
      return { groups: fixed({ options: found.options, option_groups: found.option_groups && found.option_groups.length ? found.option_groups : undefined }) };
    },
  };
}

function openList({ trigger, name, multi, source, chosen, limit, settle }) {
  const listId = uid("list");
  const list = h("div", { id: listId, role: "listbox", class: "listbox", "aria-multiselectable": multi ? "true" : null, "aria-label": name, tabindex: source.search ? null : "0" });
  const input = source.search ? h("input", {
    class: "select-search",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": `Search: ${name}`,
    "aria-expanded": "true",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    placeholder: "Search",
  }) : null;
  const box = h("div", { class: "select-box" }, input, list,
    multi ? h("div", { class: "select-foot" }, h("button", { type: "button", class: "button primary small", onclick: () => popup.close(true) }, "Done")) : null);
  let picked = [...chosen];
  let rows = [];
  let at = -1;
  const focusNode = input || list;

  const popup = openPopup(trigger, box, {
    wide: true,
    closed: () => {
      trigger.setAttribute("aria-expanded", "false");
      const same = picked.length === chosen.length && picked.every((o) => chosen.some((c) => c.value === o.value));
      if (multi && !same) settle(picked);
    },
  });
  trigger.setAttribute("aria-expanded", "true");

  const light = (index) => {
    if (rows[at]) rows[at].node.classList.remove("active");
    at = rows.length ? (index + rows.length) % rows.length : -1;
    if (at < 0) return focusNode.removeAttribute("aria-activedescendant");
    rows[at].node.classList.add("active");
    rows[at].node.scrollIntoView({ block: "nearest" });
    return focusNode.setAttribute("aria-activedescendant", rows[at].node.id);
  };
  const take = (option) => {
    if (!multi) {
      popup.close(true);
      settle([option]);
      return;
    }
    const has = picked.some((o) => o.value === option.value);
    if (!has && limit && picked.length >= limit) return;
    picked = has ? picked.filter((o) => o.value !== option.value) : [...picked, option];
    for (const row of rows) row.node.setAttribute("aria-selected", String(picked.some((o) => o.value === row.option.value)));
  };
  const draw = ({ groups, words }) => {
    rows = [];
    const nodes = groups.map((group) => {
      const options = group.options.map((option) => {
        const selected = picked.some((o) => o.value === option.value);
        const node = h("div", {
          role: "option", id: uid("option"), class: "option", "aria-selected": String(selected), dataset: { value: option.value },
          onclick: () => take(option),
        }, icon("check"), h("span", { class: "option-text" }, option.text, option.hint ? h("span", { class: "option-hint" }, option.hint) : null));
        rows.push({ node, option });
        return node;
      });
      if (!group.label) return options;
      const id = uid("group");
      return h("div", { role: "group", "aria-labelledby": id }, h("div", { id, class: "option-group" }, group.label), options);
    });
    fill(list, nodes.length ? nodes : h("div", { class: "option-none" }, words || "Nothing found."));
    light(Math.max(0, rows.findIndex((row) => picked.some((o) => o.value === row.option.value))));
    popup.place();
  };
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const found = await source.options(input ? input.value : "");
    if (mine === asked) draw(found); // an answer that was overtaken is dropped
  };
  let timer = 0;
  if (input) {
    input.addEventListener("input", () => {
      if (!source.slow) {
        ask();
        return;
      }
      clearTimeout(timer);
      draw({ groups: [], words: "Searching…" }); // Enter must not take what fitted the letters before
      timer = setTimeout(ask, TYPING_PAUSE);
    });
  }
  box.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1 };
    if (!input) Object.assign(moves, { Home: 0, End: rows.length - 1 });
    if (event.key in moves) {
      event.preventDefault();
      light(moves[event.key]);
    } else if (event.key === "Enter" || (event.key === " " && !input)) {
      if (event.target.closest("button")) return;
      event.preventDefault();
      if (rows[at]) take(rows[at].option);
    } else if (event.key === "Tab" && !multi) {
      popup.close(true);
    }
  });
  ask();
  focusNode.focus();
}
