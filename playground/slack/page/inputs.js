// Text fields of Block Kit: plain text, rich text, number, e-mail, URL; with
// the checks that Slack's client makes before a form is sent.

import { h, uid } from "./dom.js";
import { plain } from "./mrkdwn.js";

const TYPES = ["plain_text_input", "rich_text_input", "number_input", "email_text_input", "url_text_input"];
const REQUIRED = "Please complete this required field.";
const LONGEST = 3000; // Slack: most characters of a plain_text_input

/** Whether this module draws that element. */
export function isTextInput(type) {
  return TYPES.includes(type);
}

/** Draws a text field; with `dispatch` it tells the app as its dispatch_action_config says. */
export function textInput(surface, block, el, { dispatch, labelledBy, describedBy }) {
  const rich = el.type === "rich_text_input";
  const toValue = (text) => (rich ? { rich_text_value: richValue(text) } : { value: text === "" ? null : text });
  const toText = (value) => (value ? (rich ? richWords(value.rich_text_value) : value.value || "") : "");
  const held = surface.declare(block, el, initial(el, rich), (value) => problem(el, toText(value)));
  const tall = rich || (el.type === "plain_text_input" && el.multiline);
  const node = h(tall ? "textarea" : "input", {
    class: "field",
    id: uid("field"),
    type: tall ? null : { number_input: "text", email_text_input: "email", url_text_input: "url" }[el.type] || "text",
    inputmode: el.type === "number_input" ? (el.is_decimal_allowed ? "decimal" : "numeric") : null,
    rows: tall ? "4" : null,
    value: toText(held),
    placeholder: plain(el.placeholder),
    maxlength: el.type === "plain_text_input" ? el.max_length || LONGEST : null,
    autocomplete: "off",
    autofocus: el.focus_on_load || null,
    "aria-labelledby": labelledBy,
    "aria-label": labelledBy ? null : plain(el.placeholder) || "Text",
    "aria-describedby": describedBy,
    dataset: { focus: `${block.block_id}/${el.action_id}`, action: el.action_id || "" },
  });
  const when = (el.dispatch_action_config || {}).trigger_actions_on || ["on_enter_pressed"];
  const tell = () => surface.act(block, el, toValue(node.value));
  node.addEventListener("input", () => {
    surface.set(block, el, toValue(node.value));
    if (dispatch && when.includes("on_character_entered")) tell();
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || (tall && event.shiftKey)) return;
    if (!dispatch || !when.includes("on_enter_pressed")) return;
    event.preventDefault();
    event.stopPropagation(); // Enter is for the app here, and not for the form
    tell();
  });
  return el.max_length && el.type === "plain_text_input" ? h("div", { class: "field-counted" }, node, counter(node, el.max_length)) : node;
}

function initial(el, rich) {
  if (el.initial_value === undefined || el.initial_value === null || el.initial_value === "") return undefined;
  return rich ? { rich_text_value: el.initial_value } : { value: String(el.initial_value) };
}

// Tells how many characters are left once it begins to matter.
function counter(node, most) {
  const words = h("span", { class: "counter", "aria-hidden": "true" });
  const show = () => {
    const left = most - [...node.value].length;
    words.textContent = left <= Math.max(20, most / 5) ? String(left) : "";
  };
  node.addEventListener("input", show);
  show();
  return words;
}

/** What Slack's client would object to, or "". An empty optional field is the caller's affair. */
function problem(el, text) {
  if (text === "") return REQUIRED;
  const length = [...text].length;
  if (el.min_length && length < el.min_length) return `Please enter at least ${el.min_length} characters.`;
  if (el.max_length && length > el.max_length) return `Please enter at most ${el.max_length} characters.`;
  if (el.type === "email_text_input" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return "Please enter a valid email address.";
  if (el.type === "url_text_input" && !/^https?:\/\/\S+\.?\S*$/.test(text)) return "Please enter a valid URL.";
  if (el.type === "number_input") return numberProblem(el, text);
  return "";
}

function numberProblem(el, text) {
  const value = Number(text);
  if (!Number.isFinite(value)) return "Please enter a number.";
  if (!el.is_decimal_allowed && !Number.isInteger(value)) return "Please enter a whole number.";
  if (el.min_value !== undefined && value < Number(el.min_value)) return `Please enter a number not below ${el.min_value}.`;
  if (el.max_value !== undefined && value > Number(el.max_value)) return `Please enter a number not above ${el.max_value}.`;
  return "";
}

function richValue(text) {
  if (!text) return null;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}

function richWords(value) {
  if (!value) return "";
  return (value.elements || []).flatMap((part) => (part.elements || []).map((e) => e.text || "")).join("");
}
