// Interactive elements of Block Kit that act at once: buttons, overflow menus,
// pickers, check boxes and radio buttons. Menus are in select.js, text fields
// in inputs.js.

import { h, icon, iconButton, uid } from "./dom.js";
import { localToUnix, unixToLocal } from "./dates.js";
import { permalink, safe } from "./entities.js";
import { isTextInput, textInput } from "./inputs.js";
import { plain, textObject } from "./mrkdwn.js";
import { confirmed, openMenu } from "./popup.js";
import { isSelect, select } from "./select.js";
import { store } from "./store.js";

/**
 * Draws one element. `options.dispatch` says whether a change is told to the
 * app at once (sections and actions) or kept for the form (inputs);
 * `labelledBy` and `describedBy` are ids of the input block's label and hint.
 */
export function element(surface, block, el, options) {
  if (isSelect(el.type)) return select(surface, block, el, options);
  if (isTextInput(el.type)) return textInput(surface, block, el, options);
  switch (el.type) {
    case "button": case "workflow_button": return button(surface, block, el);
    case "icon_button": return button(surface, block, { ...el, style: "" });
    case "feedback_buttons": return feedback(surface, block, el);
    case "overflow": return overflow(surface, block, el);
    case "datepicker": return picker(surface, block, el, options, DATE);
    case "timepicker": return picker(surface, block, el, options, TIME);
    case "datetimepicker": return picker(surface, block, el, options, MOMENT);
    case "checkboxes": return choices(surface, block, el, options, "checkbox");
    case "radio_buttons": return choices(surface, block, el, options, "radio");
    case "image": return h("img", { class: "accessory-image", src: el.image_url || fileUrl(el.slack_file), alt: el.alt_text || "" });
    case "file_input": return h("p", { class: "muted" }, "Files cannot be chosen in the playground.");
    default: return h("span", { class: "muted" }, `[${el.type}]`);
  }
}

/** The address of a slack_file object ({id} or {url}). */
export function fileUrl(file) {
  if (!file) return "";
  return file.url || `/files/${file.id}`;
}

/** The key by which an element is found again after its message was drawn anew. */
export function focusKey(block, el) {
  return `${block.block_id}/${el.action_id}`;
}

/** A button that cannot be pressed again until the app has acknowledged the press. */
export function button(surface, block, el) {
  const style = el.style === "primary" || el.style === "danger" ? ` ${el.style}` : "";
  const url = safe(el.url);
  const node = h(url ? "a" : "button", {
    class: `button${style}`,
    type: url ? null : "button",
    href: url ? permalink(url) || url : null,
    target: url && !permalink(url) ? "_blank" : null,
    rel: url ? "noopener noreferrer" : null,
    "aria-label": el.accessibility_label,
    dataset: { focus: focusKey(block, el), action: el.action_id || "" },
  }, plain(el.text));
  node.addEventListener("click", async (event) => {
    if (node.getAttribute("aria-busy") === "true") return;
    if (url && el.confirm) event.preventDefault(); // the question first, then the page that it leads to
    if (!(await confirmed(el.confirm))) return;
    if (url && el.confirm) window.open(url, "_blank", "noopener");
    await busy(node, surface.act(block, el, { value: el.value, text: el.text }));
  });
  return node;
}

async function busy(node, work) {
  node.setAttribute("aria-busy", "true");
  try {
    return await work;
  } finally {
    node.removeAttribute("aria-busy");
  }
}

function feedback(surface, block, el) {
  const one = (choice) => choice && button(surface, block, { ...el, type: "feedback_buttons", text: choice.text, value: choice.value, accessibility_label: choice.accessibility_label });
  return h("span", { class: "actions" }, one(el.positive_button), one(el.negative_button));
}

function overflow(surface, block, el) {
  const trigger = iconButton("more", "More actions", {
    class: "icon-button boxed",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    dataset: { focus: focusKey(block, el), action: el.action_id || "" },
  });
  trigger.addEventListener("click", () => {
    openMenu(trigger, (el.options || []).map((option) => ({
      label: plain(option.text),
      hint: plain(option.description),
      url: safe(option.url) || undefined,
      run: async () => {
        if (!(await confirmed(el.confirm))) return;
        await busy(trigger, surface.act(block, el, { selected_option: option }));
      },
    })), "More actions");
  });
  return trigger;
}

// The three pickers differ only in their native input and in how Slack writes the value.
const DATE = {
  type: "date",
  words: "Date",
  initial: (el) => el.initial_date && { selected_date: el.initial_date },
  shown: (value) => value.selected_date || "",
  value: (text) => ({ selected_date: text || null }),
};
const TIME = {
  type: "time",
  words: "Time",
  initial: (el) => el.initial_time && { selected_time: el.initial_time },
  shown: (value) => value.selected_time || "",
  value: (text) => ({ selected_time: text || null }),
};
const MOMENT = {
  type: "datetime-local",
  words: "Date and time",
  initial: (el) => el.initial_date_time && { selected_date_time: el.initial_date_time },
  shown: (value) => (value.selected_date_time ? unixToLocal(value.selected_date_time, store.zone()) : ""),
  value: (text) => ({ selected_date_time: text ? localToUnix(text, store.zone()) : null }),
};

function picker(surface, block, el, { dispatch, labelledBy, describedBy }, kind) {
  const required = (value) => (value && kind.shown(value) ? "" : "Please complete this required field.");
  const held = surface.declare(block, el, kind.initial(el) || undefined, required);
  const input = h("input", {
    type: kind.type,
    class: "field picker",
    value: held ? kind.shown(held) : "",
    "aria-label": labelledBy ? null : plain(el.placeholder) || kind.words,
    "aria-labelledby": labelledBy,
    "aria-describedby": describedBy,
    autofocus: el.focus_on_load || null,
    dataset: { focus: focusKey(block, el), action: el.action_id || "" },
  });
  input.addEventListener("change", async () => {
    const before = surface.held(block, el);
    if (dispatch && !(await confirmed(el.confirm))) {
      input.value = before ? kind.shown(before) : "";
      return;
    }
    const value = kind.value(input.value);
    surface.set(block, el, value);
    if (dispatch) await busy(input, surface.act(block, el, value));
  });
  return input;
}

function choices(surface, block, el, { dispatch, labelledBy, describedBy }, type) {
  const many = type === "checkbox";
  const initial = many ? el.initial_options && { selected_options: el.initial_options } : el.initial_option && { selected_option: el.initial_option };
  const picked = (value) => [value && (many ? value.selected_options : value.selected_option)].flat().filter(Boolean);
  const held = surface.declare(block, el, initial || undefined, (value) => (picked(value).length ? "" : "Please complete this required field."));
  const name = uid("choice");
  const inputs = [];
  const rows = (el.options || []).map((option) => {
    const hint = option.description ? uid("hint") : null;
    const input = h("input", {
      type,
      name,
      checked: picked(held).some((o) => o.value === option.value),
      "aria-describedby": hint,
      dataset: { focus: `${focusKey(block, el)}/${option.value}`, action: el.action_id || "" },
    });
    inputs.push({ input, option });
    return h("label", { class: "choice" }, input, h("span", null, h("span", { class: "choice-text" }, textObject(option.text)),
      hint ? h("span", { class: "choice-hint", id: hint }, textObject(option.description)) : null));
  });
  const group = h("div", { class: "choices", role: many ? "group" : "radiogroup", "aria-labelledby": labelledBy, "aria-describedby": describedBy, "aria-label": labelledBy ? null : "Choices" }, rows);
  group.addEventListener("change", async () => {
    const before = picked(surface.held(block, el));
    if (dispatch && !(await confirmed(el.confirm))) {
      for (const row of inputs) row.input.checked = before.some((o) => o.value === row.option.value);
      return;
    }
    const now = inputs.filter((row) => row.input.checked).map((row) => row.option);
    const value = many ? { selected_options: now } : { selected_option: now[0] ?? null };
    surface.set(block, el, value);
    if (dispatch) await busy(group, surface.act(block, el, value));
  });
  return group;
}

/** The small round picture of a person: initials on a colour. */
export function avatar(id, size = "") {
  if (store.app && id === store.app.id) return h("span", { class: `avatar avatar-app ${size}`, "aria-hidden": "true" }, icon("bell"));
  const { initials, tint } = store.face(id);
  return h("span", { class: `avatar tint-${tint} ${size}`, "aria-hidden": "true" }, initials);
}
