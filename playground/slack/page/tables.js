// The table block (as it is) and the data_table block (sorted and in pages).

import { h, fill, icon, uid } from "./dom.js";
import { button } from "./elements.js";
import { lines, unescape } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const PAGE = 5; // rows: Slack's page_size when none is given

function cellContent(surface, block, cell) {
  if (!cell) return "";
  switch (cell.type) {
    case "rich_text": return richText(cell.elements);
    case "raw_number": return cell.text || String(cell.value);
    case "action_cell": return cell.element ? button(surface, block, cell.element) : cellContent(surface, block, cell.fallback);
    default: return lines(unescape(cell.text || ""));
  }
}

/** A table: the first row names the columns. It scrolls sideways on its own. */
export function table(surface, block) {
  const [head = [], ...rows] = block.rows || [];
  const setting = (column) => (block.column_settings || [])[column] || {};
  const look = (column) => `align-${setting(column).align || "left"}${setting(column).is_wrapped ? " wrapped" : ""}`;
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "data" },
    h("thead", null, h("tr", null, head.map((cell, n) => h("th", { scope: "col", class: look(n) }, cellContent(surface, block, cell))))),
    h("tbody", null, rows.map((row) => h("tr", null, row.map((cell, n) => h("td", { class: look(n) }, cellContent(surface, block, cell))))))));
}

/** A data_table: sorted by a press on a column's name, and turned page by page. */
export function dataTable(surface, block) {
  const [head = [], ...rows] = block.rows || [];
  const size = block.page_size || PAGE;
  const headColumn = block.row_header_column_index || 0;
  const numeric = head.map((cell, n) => rows.length > 0 && rows.every((row) => (row[n] || {}).type === "raw_number"));
  const state = { column: -1, down: false, page: 0 };
  const caption = uid("caption");
  const body = h("tbody");
  const foot = h("div", { class: "table-foot" });
  const heads = head.map((cell, n) => {
    const look = { scope: "col", class: numeric[n] ? "align-right" : "align-left" };
    const buttons = rows.some((row) => (row[n] || {}).type === "action_cell");
    if (buttons || !words(cell)) return h("th", look, cellContent(surface, block, cell)); // there is no order in buttons
    return h("th", look, h("button", { type: "button", class: "sort", onclick: () => sortBy(n) }, cellContent(surface, block, cell), icon("down")));
  });

  function sortBy(column) {
    // A third press gives the order back in which the app sent the rows.
    if (state.column !== column) Object.assign(state, { column, down: false });
    else if (!state.down) state.down = true;
    else Object.assign(state, { column: -1, down: false });
    state.page = 0;
    draw();
  }

  function sorted() {
    if (state.column < 0) return rows;
    const key = (row) => (numeric[state.column] ? row[state.column].value : words(row[state.column]));
    const order = (a, b) => (numeric[state.column] ? key(a) - key(b) : key(a).localeCompare(key(b), "en", { numeric: true, sensitivity: "base" }));
    return [...rows].sort((a, b) => (state.down ? -order(a, b) : order(a, b)));
  }

  function draw() {
    heads.forEach((th, n) => {
      const on = n === state.column;
      if (on) th.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
    const from = state.page * size;
    fill(body, sorted().slice(from, from + size).map((row) => h("tr", null, row.map((cell, n) => h(n === headColumn ? "th" : "td", {
      scope: n === headColumn ? "row" : null,
      class: numeric[n] ? "align-right" : "align-left",
    }, cellContent(surface, block, cell))))));
    turn(from);
  }

  function turn(from) {
    if (rows.length <= size) return;
    const go = (by) => () => {
      state.page += by;
      draw();
      foot.querySelector(by < 0 ? "button" : "button:last-of-type").focus();
    };
    const last = Math.ceil(rows.length / size) - 1;
    fill(foot,
      h("button", { type: "button", class: "icon-button", "aria-label": "Previous page", disabled: state.page === 0, onclick: go(-1) }, icon("left")),
      h("span", { "aria-live": "polite" }, `${from + 1}–${Math.min(from + size, rows.length)} of ${rows.length}`),
      h("button", { type: "button", class: "icon-button", "aria-label": "Next page", disabled: state.page === last, onclick: go(1) }, icon("right")));
  }

  draw();
  return h("div", { class: "data-table" },
    h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-labelledby": caption },
      h("table", { class: "data" }, h("caption", { id: caption }, block.caption || "Table"), h("thead", null, h("tr", null, heads)), body)),
    foot);
}

// What a cell says, for sorting.
function words(cell) {
  if (!cell) return "";
  if (cell.type === "rich_text") return richText(cell.elements).map((node) => node.textContent).join(" ");
  if (cell.type === "action_cell") return ((cell.element || {}).text || {}).text || "";
  return cell.text || String(cell.value ?? "");
}
