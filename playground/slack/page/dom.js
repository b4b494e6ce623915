// Building blocks for the DOM. Text from messages only ever becomes text nodes
// or attribute values: nothing in this page assigns innerHTML, so a test name
// like "<img onerror=…>" stays a test name.

const SVG = "http://www.w3.org/2000/svg";

// Properties that must be set on the node: as attributes they would only name
// the default and not what the person sees.
const AS_PROPERTY = new Set(["value", "checked", "disabled", "selected", "indeterminate", "hidden", "htmlFor", "inert"]);

/**
 * Makes an element. Props that start with "on" and hold a function become
 * listeners; null, undefined and false are left out; `dataset` is an object.
 * Children are nodes, strings, or nested arrays of them.
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined) continue;
    if (key === "class") node.className = value;
    else if (key === "dataset") Object.assign(node.dataset, value);
    else if (key.startsWith("on") && typeof value === "function") node.addEventListener(key.slice(2).toLowerCase(), value);
    else if (AS_PROPERTY.has(key)) node[key] = value;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false) node.setAttribute(key, String(value));
  }
  append(node, children);
  return node;
}

/** Appends nodes and strings, however nested; null and false are skipped. */
export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
  return node;
}

/** Makes an SVG element; aria attributes may carry false here. */
export function svg(tag, attrs, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value !== null && value !== undefined) node.setAttribute(key, String(value));
  }
  append(node, children);
  return node;
}

let counter = 0;
/** An id that is unique in this page, for labels and aria references. */
export function uid(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

// Our own line icons on a 20×20 grid, stroked with the text's colour.
const ICONS = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  plus: "M10 4v12M4 10h12",
  close: "M5 5l10 10M15 5 5 15",
  down: "M5.5 8 10 12.5 14.5 8",
  up: "M5.5 12 10 7.5l4.5 4.5",
  left: "M12 5.5 7.5 10l4.5 4.5",
  right: "M8 5.5l4.5 4.5L8 14.5",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  send: "M3.5 4l13.5 6-13.5 6 2-6zM5.5 10H11",
  thread: "M4 4h12v9h-6l-4 3.5V13H4zM7 7.5h6M7 10h4",
  more: "M10 5.2v.1M10 10v.1M10 14.8v.1",
  check: "M4 10.5l4 4 8-9",
  search: "M8.5 14a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
  sun: "M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.5 4.5l1 1M14.5 14.5l1 1M15.5 4.5l-1 1M5.5 14.5l-1 1",
  moon: "M16 12.2A6.8 6.8 0 0 1 7.8 4a6.5 6.5 0 1 0 8.2 8.2z",
  half: "M10 3a7 7 0 1 0 0 14zM10 3a7 7 0 0 1 0 14",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.8 1.8",
  calendar: "M4 5h12v11H4zM4 8.5h12M7.5 3v3M12.5 3v3",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  file: "M5 3h6.5L15 6.5V17H5zM11.5 3v3.5H15",
  download: "M10 3v9M6.5 9l3.5 3.5L13.5 9M4 16.5h12",
  home: "M3.5 9.5 10 4l6.5 5.5M5.5 8.5V16h9V8.5M8.5 16v-4h3v4",
  warn: "M10 3.5 17.5 16.5h-15zM10 8v4M10 14.2v.1",
  link: "M8.5 11.5l3-3M9 6.5l1.7-1.7a3 3 0 0 1 4.4 4.4L13.4 11M11 13.500l-1.700 1.700a3 3 0 0 1-4.400-4.400L6.600 9",
  bell: "M10 3.500a5 5 0 0 0-5 5V12l-1.500 2h13L15 12V8.500a5 5 0 0 0-5-5zM8.500 16.500h3",
  at: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM13 7v4.200a1.900 1.900 0 0 0 3.800 0V10A6.800 6.800 0 1 0 14 15.500",
  slash: "M12.500 3.500l-5 13",
  log: "M4 5h12M4 8.500h12M4 12h8M4 15.500h5",
  people: "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.500c0-3 2.400-4.800 5.500-4.800s5.500 1.800 5.500 4.800M13 4a2.800 2.800 0 0 1 0 5.300M15 12.200c1.800.7 3 2.200 3 4.300",
};

/** A decorative icon: what it means must stand in text or in a label beside it. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] || "" }));
}

/** A button that shows an icon only; its label is what a screen reader says and the tooltip. */
export function iconButton(name, label, props) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, ...props }, icon(name));
}

/** Replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

const drawn = new WeakMap();
/**
 * Replaces what is in a node only if what it is made from has changed. A button that is replaced between the press
 * and the release of the mouse never gets its click, and loses the focus. Says whether it was drawn.
 */
export function refill(node, from, make) {
  const sign = JSON.stringify(from);
  if (drawn.get(node) === sign) return false;
  drawn.set(node, sign);
  fill(node, make());
  return true;
}

/**
 * Remembers what has the focus in `root`, and returns what finds it again in what is drawn in its place, or null: by
 * its key, else by its place among the elements of the same action. An app that gives its blocks no ids has random
 * ones, which are others after every edit.
 */
export function focusIn(root) {
  const node = document.activeElement;
  if (!node || !node.dataset.focus || !root.contains(node)) return () => null;
  const peers = (within, name) => [...within.querySelectorAll("[data-focus]")].filter((n) => n.dataset[name] === node.dataset[name]);
  const ways = ["focus", "action"].map((name) => [name, peers(root, name).indexOf(node)]);
  return (fresh) => ways.map(([name, at]) => peers(fresh, name)[at]).find(Boolean) || null;
}

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  const live = document.getElementById("live");
  if (!live) return;
  // The same sentence twice would not be read again: an empty region first makes it a change.
  live.textContent = "";
  requestAnimationFrame(() => { live.textContent = text; });
}
