// What lies over the page for a moment: lists under a button, and questions.
// Both use the browser's own top layer, so nothing is clipped and the focus
// is where it belongs.

import { append, h, uid } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";

const GAP = 4; // px between the anchor and what opens under it
let open = null;

/** Closes the list that is open, if any. */
export function closePopup() {
  if (open) open.close();
}

/**
 * Opens `content` under (or, without room, over) `anchor`. Esc, a press
 * elsewhere, and losing the focus close it; `closed(returned)` says so.
 * Returns {node, close}.
 */
export function openPopup(anchor, content, { closed, wide, label } = {}) {
  closePopup();
  // A modal dialog makes everything outside it inert: what opens from a dialog must live inside it.
  const host = anchor.closest("dialog") || document.body;
  const node = h("div", { class: wide ? "popup popup-wide" : "popup", popover: "manual", "aria-label": label }, content);
  host.append(node);
  node.showPopover();
  const place = () => position(anchor, node);
  place();

  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // only this list closes, not the dialog under it
    event.stopPropagation();
    close(true);
  };
  const scrolled = (event) => {
    if (!node.contains(event.target)) place();
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  window.addEventListener("resize", place);
  window.addEventListener("scroll", scrolled, true);

  const self = { node, close, place };
  function close(refocus) {
    if (open !== self) return;
    open = null;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", place);
    window.removeEventListener("scroll", scrolled, true);
    node.remove();
    if (refocus) refind(anchor);
    if (closed) closed();
  }
  open = self;
  return self;
}

// The message under an open list may have been drawn anew: its button is then
// another node with the same key.
function refind(anchor) {
  if (anchor.isConnected) {
    anchor.focus();
    return;
  }
  const key = anchor.dataset.focus;
  const again = key && [...document.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === key);
  if (again) again.focus();
}

function position(anchor, node) {
  if (!anchor.isConnected) return;
  const at = anchor.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const height = window.innerHeight;
  node.style.minWidth = `${Math.min(Math.max(at.width, 160), width - 2 * GAP)}px`;
  const size = node.getBoundingClientRect();
  const below = height - at.bottom - GAP;
  const above = at.top - GAP;
  const up = below < size.height && above > below;
  node.style.maxHeight = `${Math.max(120, Math.min(360, (up ? above : below) - GAP))}px`;
  const tall = node.getBoundingClientRect().height;
  node.style.left = `${Math.max(GAP, Math.min(at.left, width - size.width - GAP))}px`;
  node.style.top = `${up ? Math.max(GAP, at.top - GAP - tall) : at.bottom + GAP}px`;
}

/**
 * A menu of actions under a button. Items are {label, hint, danger, url, run}.
 * Arrow keys move, Enter runs, Esc closes.
 */
export function openMenu(anchor, items, label) {
  const nodes = items.map((item) => {
    const props = { role: "menuitem", class: item.danger ? "menu-item danger" : "menu-item", tabindex: "-1" };
    const run = () => {
      popup.close(true);
      if (item.run) item.run();
    };
    const inside = [h("span", { class: "menu-label" }, item.label), item.hint ? h("span", { class: "menu-hint" }, item.hint) : null];
    return item.url
      ? h("a", { ...props, href: item.url, target: "_blank", rel: "noopener noreferrer", onclick: run }, inside)
      : h("button", { ...props, type: "button", onclick: run }, inside);
  });
  const menu = h("div", { role: "menu", class: "menu", "aria-label": label }, nodes);
  anchor.setAttribute("aria-expanded", "true");
  const popup = openPopup(anchor, menu, { closed: () => anchor.setAttribute("aria-expanded", "false") });
  menu.addEventListener("keydown", (event) => {
    const at = nodes.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (event.key === "Tab") popup.close(true);
    if (to === undefined) return;
    event.preventDefault();
    nodes[(to + nodes.length) % nodes.length].focus();
  });
  if (nodes[0]) nodes[0].focus();
  return popup;
}

/**
 * Gives the focus back to what had it before a dialog that is closed now. Closing has done so already, but without the
 * caret, which stood in the dialog and went with it: a field without a caret takes no letters until it is focused anew.
 */
export function giveBack(node) {
  if (!node) return;
  if (node.isConnected) node.blur();
  refind(node);
}

/** A dialog over the page; resolves with what `finish` is given, or with `otherwise` on Esc. */
export function dialog({ title, body, buttons, otherwise, className }) {
  return new Promise((resolve) => {
    const heading = uid("dialog");
    const before = document.activeElement;
    const node = h("dialog", { class: `dialog ${className || ""}`, "aria-labelledby": heading },
      h("h2", { id: heading, class: "dialog-title" }, title));
    const finish = (value) => {
      node.close();
      node.remove();
      giveBack(before);
      resolve(value);
    };
    node.addEventListener("cancel", (event) => {
      event.preventDefault();
      finish(otherwise);
    });
    append(node, h("div", { class: "dialog-body" }, typeof body === "function" ? body(finish) : body));
    if (buttons) append(node, h("div", { class: "dialog-buttons" }, buttons(finish)));
    document.body.append(node);
    node.showModal();
  });
}

/** Asks what an element's `confirm` object asks; true if the person agrees. Without one, nobody is asked. */
export function confirmed(question) {
  if (!question) return Promise.resolve(true);
  return dialog({
    title: plain(question.title) || "Are you sure?",
    body: textObject(question.text),
    otherwise: false,
    className: "dialog-small",
    buttons: (finish) => [
      h("button", { type: "button", class: "button", onclick: () => finish(false) }, plain(question.deny) || "Cancel"),
      h("button", {
        type: "button",
        class: question.style === "danger" ? "button danger" : "button primary",
        autofocus: true,
        dataset: { confirm: "yes" },
        onclick: () => finish(true),
      }, plain(question.confirm) || "Yes"),
    ],
  });
}
