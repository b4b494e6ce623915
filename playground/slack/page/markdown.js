// The markdown block: standard Markdown (not mrkdwn), as bots that speak for
// language models send it. A small reader of the common part; HTML stays text.

import { h } from "./dom.js";
import { emojify } from "./emoji.js";
import { link } from "./entities.js";

/** Markdown as a list of nodes. */
export function markdown(text) {
  return blocks(text.replaceAll("\r\n", "\n").split("\n"));
}

const FENCE = /^\s*(```+|~~~+)\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function blocks(rows) {
  const out = [];
  for (let i = 0; i < rows.length;) {
    const [node, next] = block(rows, i);
    if (node) out.push(node);
    i = next;
  }
  return out;
}

// Reads one block that begins at row i; gives it with the row after it.
function block(rows, i) {
  const row = rows[i];
  if (!row.trim()) return [null, i + 1];
  const fence = row.match(FENCE);
  if (fence) return codeBlock(rows, i, fence[1]);
  const heading = row.match(HEADING);
  if (heading) return [h(`h${Math.min(heading[1].length + 2, 6)}`, { class: `md-h md-h${heading[1].length}` }, spans(heading[2])), i + 1];
  if (RULE.test(row)) return [h("hr"), i + 1];
  if (/^\s*>/.test(row)) return gather(rows, i, /^\s*>\s?/, (inside) => h("blockquote", null, blocks(inside)));
  if (ITEM.test(row)) return list(rows, i);
  if (row.includes("|") && rows[i + 1] && TABLE_RULE.test(rows[i + 1])) return table(rows, i);
  return paragraph(rows, i);
}

function codeBlock(rows, i, fence) {
  let end = i + 1;
  while (end < rows.length && !rows[end].trim().startsWith(fence)) end += 1;
  return [h("pre", { class: "code-block", tabindex: "0" }, h("code", null, rows.slice(i + 1, end).join("\n"))), end + 1];
}

function gather(rows, i, sign, make) {
  let end = i;
  const inside = [];
  while (end < rows.length && sign.test(rows[end])) inside.push(rows[end++].replace(sign, ""));
  return [make(inside), end];
}

function paragraph(rows, i) {
  let end = i;
  const text = [];
  while (end < rows.length && rows[end].trim() && !HEADING.test(rows[end]) && !FENCE.test(rows[end]) && !ITEM.test(rows[end]) && !/^\s*>/.test(rows[end])) {
    text.push(rows[end++].trim());
  }
  return [h("p", { class: "md-p" }, text.flatMap((line, n) => (n ? [h("br"), ...spans(line)] : spans(line)))), Math.max(end, i + 1)];
}

// Items that are indented more than the first belong to the item before them.
function list(rows, i) {
  const first = rows[i].match(ITEM);
  const depth = first[1].length;
  const ordered = /\d/.test(first[2]);
  const items = [];
  let end = i;
  while (end < rows.length) {
    const match = rows[end].match(ITEM);
    if (match && match[1].length <= depth + 1) {
      if (match[1].length < depth || /\d/.test(match[2]) !== ordered) break;
      items.push({ text: match[3], inside: [] });
    } else if (rows[end].trim() && /^\s{2,}/.test(rows[end]) && items.length) {
      items[items.length - 1].inside.push(rows[end].slice(Math.min(depth + 2, rows[end].search(/\S/))));
    } else break;
    end += 1;
  }
  const node = h(ordered ? "ol" : "ul", { class: "rich-list", start: ordered ? parseInt(first[2], 10) : null },
    items.map((item) => h("li", null, task(item.text), blocks(item.inside))));
  return [node, end];
}

function task(text) {
  const match = text.match(/^\[([ xX])\]\s+(.*)$/);
  if (!match) return spans(text);
  const done = match[1] !== " ";
  return [h("span", { class: "task", role: "img", "aria-label": done ? "done" : "to do" }, done ? "☑" : "☐"), " ", spans(match[2])];
}

function table(rows, i) {
  const cells = (row) => row.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const align = cells(rows[i + 1]).map((rule) => (/^:-+:$/.test(rule) ? "center" : /-:$/.test(rule) ? "right" : "left"));
  const body = [];
  let end = i + 2;
  while (end < rows.length && rows[end].includes("|") && rows[end].trim()) body.push(cells(rows[end++]));
  const cell = (tag, text, n) => h(tag, { class: `align-${align[n] || "left"}`, scope: tag === "th" ? "col" : null }, spans(text));
  return [h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "data" },
    h("thead", null, h("tr", null, cells(rows[i]).map((text, n) => cell("th", text, n)))),
    h("tbody", null, body.map((row) => h("tr", null, row.map((text, n) => cell("td", text, n))))))), end];
}

// Tried in this order at each place; the first that fits wins.
const SPANS = [
  [/^\\([\\`*_{}[\]()#+\-.!|~<>])/, (m) => m[1]],
  [/^(`+)(.+?)\1(?!`)/, (m) => h("code", null, m[2].trim())],
  [/^!\[([^\]]*)\]\(((?:[^\s()]|\([^\s()]*\))+)(?:\s+"[^"]*")?\)/, (m) => link(m[2], m[1] || m[2])],
  [/^\[([^\]]+)\]\(((?:[^\s()]|\([^\s()]*\))+)(?:\s+"[^"]*")?\)/, (m) => link(m[2], m[1])],
  [/^<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/^\*\*\*(?=\S)(.+?)\*\*\*/, (m) => h("strong", null, h("em", null, spans(m[1])))],
  [/^\*\*(?=\S)(.+?)\*\*/, (m) => h("strong", null, spans(m[1]))],
  [/^__(?=\S)(.+?)__(?![\p{L}\p{N}])/u, (m) => h("strong", null, spans(m[1]))],
  [/^~~(?=\S)(.+?)~~/, (m) => h("s", null, spans(m[1]))],
  [/^\*(?=[^\s*])(.+?)\*(?!\*)/, (m) => h("em", null, spans(m[1]))],
];
const EMPHASIS = /^_(?=\S)(.+?)_(?![\p{L}\p{N}])/u; // only where no word goes on: snake_case stays
const URL = /^https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]'"]/;

function spans(text) {
  const out = [];
  let buffer = "";
  const flush = () => {
    if (buffer) out.push(emojify(buffer));
    buffer = "";
  };
  for (let i = 0; i < text.length;) {
    const rest = text.slice(i);
    const inWord = i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1]);
    const found = SPANS.map(([sign, make]) => [rest.match(sign), make]).find(([match]) => match)
      || (!inWord && rest.match(EMPHASIS) && [rest.match(EMPHASIS), (m) => h("em", null, spans(m[1]))])
      || (!inWord && rest.match(URL) && [rest.match(URL), (m) => link(m[0], m[0])]);
    if (found) {
      flush();
      out.push(found[1](found[0]));
      i += found[0][0].length;
    } else {
      buffer += text[i];
      i += 1;
    }
  }
  flush();
  return out;
}
