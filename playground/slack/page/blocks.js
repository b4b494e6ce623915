// Block Kit's blocks. What a block holds is drawn by the modules for elements,
// tables, charts and text; here is how they stand together.

import { h, icon, uid } from "./dom.js";
import { chart } from "./charts.js";
import { element, fileUrl } from "./elements.js";
import { safe } from "./entities.js";
import { fileCard } from "./files.js";
import { markdown } from "./markdown.js";
import { plain, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const DRAW = {
  header: (s, b) => h("h3", { class: "block-header" }, plain(b.text)),
  divider: () => h("hr"),
  section,
  context,
  actions: (s, b) => h("div", { class: "actions" }, (b.elements || []).map((el) => element(s, b, el, { dispatch: true }))),
  context_actions: (s, b) => h("div", { class: "actions" }, (b.elements || []).map((el) => element(s, b, el, { dispatch: true }))),
  image,
  input,
  rich_text: (s, b) => h("div", { class: "rich-text" }, richText(b.elements)),
  markdown: (s, b) => h("div", { class: "markdown" }, markdown(b.text || "")),
  table: (s, b) => table(s, b),
  data_table: (s, b) => dataTable(s, b),
  data_visualization: (s, b) => chart(b),
  file: (s, b) => fileCard(b.file || { name: b.external_id, title: b.external_id, mimetype: "" }),
  alert: (s, b) => h("div", { class: `alert alert-${["info", "warning", "error", "success"].includes(b.level) ? b.level : "info"}`, role: "note" }, textObject(b.text)),
};

/** Blocks of a surface, in order. One that cannot be drawn does not take the others with it. */
export function blocks(surface, list) {
  return (list || []).map((block) => {
    const note = h("p", { class: "act-note", role: "alert", hidden: true });
    if (block.block_id) surface.notes.set(block.block_id, note);
    let inside;
    try {
      inside = (DRAW[block.type] || unknown)(surface, block);
    } catch (error) {
      inside = h("p", { class: "act-note" }, `This ${block.type} block cannot be shown: ${error.message}`);
    }
    return h("div", { class: `block block-${block.type}`, dataset: { blockId: block.block_id || "" } }, inside, note);
  });
}

function section(surface, block) {
  const fields = (block.fields || []).map((field) => h("div", { class: "section-field" }, textObject(field)));
  const body = h("div", { class: "section-body" },
    block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null,
    fields.length ? h("div", { class: "section-fields" }, fields) : null);
  if (!block.accessory) return body;
  // A wide control goes under the text on narrow screens; an image or a small button stays beside it.
  const wide = !["button", "overflow", "image"].includes(block.accessory.type);
  return h("div", { class: wide ? "section-row wide" : "section-row" }, body,
    h("div", { class: "section-accessory" }, element(surface, block, block.accessory, { dispatch: true })));
}

function context(surface, block) {
  return h("div", { class: "context" }, (block.elements || []).map((el) => (el.type === "image"
    ? h("img", { class: "context-image", src: el.image_url || fileUrl(el.slack_file), alt: el.alt_text || "" })
    : h("span", { class: "context-text" }, textObject(el)))));
}

function image(surface, block) {
  const source = block.image_url || fileUrl(block.slack_file);
  const picture = h("img", { class: "block-picture", src: source, alt: block.alt_text || plain(block.title) || "", loading: "lazy" });
  picture.addEventListener("error", () => picture.replaceWith(h("span", { class: "missing" }, icon("warn"), ` ${block.alt_text || "Image"} (could not be loaded)`)));
  return h("figure", null, block.title ? h("figcaption", { class: "muted" }, plain(block.title)) : null,
    h("a", { href: safe(source) || null, target: "_blank", rel: "noopener noreferrer", "aria-label": `Open the image: ${block.alt_text || ""}` }, picture));
}

function input(surface, block) {
  const label = uid("label");
  const hint = block.hint ? uid("hint") : null;
  const error = uid("error");
  const el = block.element || {};
  const inside = element(surface, block, el, {
    dispatch: Boolean(block.dispatch_action),
    labelledBy: label,
    describedBy: [hint, error].filter(Boolean).join(" "),
  });
  // A label for a single field focuses it; groups and menus are named by aria-labelledby alone.
  const field = inside.matches("input, textarea") ? inside : inside.querySelector(".field");
  return h("div", { class: "input" },
    h(field ? "label" : "span", { class: "input-label", id: label, for: field ? field.id || (field.id = uid("field")) : null }, plain(block.label),
      block.optional ? h("span", { class: "muted" }, " (optional)") : null),
    inside,
    hint ? h("p", { class: "input-hint", id: hint }, plain(block.hint)) : null,
    h("p", { class: "input-error", id: error, role: "alert", hidden: true }));
}

/** Shows errors {block_id: words} at the inputs of a drawn surface and takes the others away; focuses the first. */
export function showErrors(root, errors) {
  let first = null;
  for (const node of root.querySelectorAll(".block-input")) {
    const words = errors[node.dataset.blockId] || "";
    const place = node.querySelector(".input-error");
    place.textContent = words;
    place.hidden = !words;
    node.classList.toggle("invalid", Boolean(words));
    const control = node.querySelector("input, textarea, button");
    if (control) {
      if (words) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (words && !first) first = control;
    }
  }
  if (first) first.focus();
  return Boolean(first);
}

// A block that is newer than this page: its texts are shown, and what it is.
function unknown(surface, block) {
  const texts = [];
  const gather = (value, key) => {
    if (Array.isArray(value)) value.forEach((v) => gather(v, key));
    else if (value && typeof value === "object") {
      if ((value.type === "mrkdwn" || value.type === "plain_text") && typeof value.text === "string") texts.push(h("div", null, textObject(value)));
      else if (value.type === "button") texts.push(element(surface, block, value, { dispatch: true }));
      else Object.entries(value).forEach(([k, v]) => gather(v, k));
    } else if (typeof value === "string" && (key === "title" || key === "text") && value) texts.push(h("div", null, value));
  };
  gather(Object.fromEntries(Object.entries(block).filter(([key]) => key !== "type")), "");
  return h("div", { class: "unknown-block" }, texts, h("span", { class: "muted" }, `${block.type} block`));
}
