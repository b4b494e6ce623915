// A dialog with a list that is narrowed by typing: who am I, a new direct
// message, jump to a channel.

import { fill, h, icon, uid } from "./dom.js";
import { dialog } from "./popup.js";

/** Opens it. Entries are {id, text, hint, lead, current}; `chosen(id)` is called after it has closed. */
export async function openPicker({ title, label, entries, chosen }) {
  const id = await dialog({
    title,
    className: "dialog-small picker",
    otherwise: null,
    body: (finish) => body({ label, entries, finish }),
    buttons: (finish) => h("button", { type: "button", class: "button", onclick: () => finish(null) }, "Cancel"),
  });
  if (id !== null) await chosen(id);
}

function body({ label, entries, finish }) {
  const listId = uid("picker");
  const list = h("div", { id: listId, class: "picker-list", role: "listbox", "aria-label": label });
  const input = h("input", {
    type: "text",
    class: "field",
    role: "combobox",
    "aria-label": label,
    "aria-controls": listId,
    "aria-expanded": "true",
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: label,
    autofocus: true,
  });
  let shown = [];
  let at = 0;
  const light = (n) => {
    if (!shown.length) return;
    at = (n + shown.length) % shown.length;
    [...list.children].forEach((node, i) => node.classList.toggle("active", i === at));
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const draw = () => {
    const typed = input.value.trim().toLowerCase();
    shown = entries.filter((e) => `${e.text} ${e.hint || ""}`.toLowerCase().includes(typed));
    fill(list, shown.length ? shown.map((entry) => h("div", {
      role: "option",
      id: uid("entry"),
      class: "picker-entry",
      "aria-selected": String(Boolean(entry.current)),
      dataset: { id: entry.id },
      onclick: () => finish(entry.id),
    }, entry.lead.cloneNode(true), h("span", { class: "picker-text" }, entry.text), entry.hint ? h("span", { class: "picker-hint" }, entry.hint) : null, entry.current ? icon("check") : null))
      : h("p", { class: "option-none" }, "Nobody and nothing of that name."));
    light(Math.max(0, typed ? 0 : shown.findIndex((e) => e.current)));
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") light(at + 1);
    else if (event.key === "ArrowUp") light(at - 1);
    else if (event.key === "Enter" && shown[at]) finish(shown[at].id);
    else return;
    event.preventDefault();
  });
  draw();
  return [input, list];
}
