// Slack's mrkdwn, read into DOM nodes. Slack's server escapes only & < and >,
// and everything between < and > is a reference; the rest is plain text.

import { h } from "./dom.js";
import { emojiFor, emojify } from "./emoji.js";
import { channelLink, dateNode, everyone, groupNode, link, mention } from "./entities.js";

/** Turns the three escapes of Slack's text back into their characters. */
export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A plain_text object's words: no formatting, but emoji unless it says no. */
export function plain(object) {
  if (!object) return "";
  if (typeof object === "string") return emojify(unescape(object));
  const text = unescape(object.text || "");
  return object.emoji === false ? text : emojify(text);
}

/** A text object (mrkdwn or plain_text) as nodes. */
export function textObject(object) {
  if (!object) return [];
  if (object.type === "plain_text") return lines(plain(object));
  return mrkdwn(object.text || "", { verbatim: object.verbatim });
}

/** Plain text with its line breaks kept. */
export function lines(text) {
  return text.split("\n").flatMap((line, i) => (i ? [h("br"), line] : [line]));
}

/** mrkdwn as a list of nodes and strings. `verbatim` leaves bare URLs alone. */
export function mrkdwn(text, options = {}) {
  const out = [];
  const pieces = text.split("```");
  // An odd number of fences leaves the last one open: then it is only text.
  if (pieces.length % 2 === 0) {
    const rest = pieces.pop();
    pieces[pieces.length - 1] += `\`\`\`${rest}`;
  }
  pieces.forEach((piece, i) => {
    if (i % 2) out.push(h("pre", { class: "code-block", tabindex: "0" }, h("code", null, preformatted(piece))));
    else out.push(...paragraphs(trimAround(piece, i > 0, i < pieces.length - 1), options));
  });
  return out;
}

// A line break beside a code block belongs to the fence and not to the text.
function trimAround(text, after, before) {
  let result = text;
  if (after) result = result.replace(/^\n/, "");
  if (before) result = result.replace(/\n$/, "");
  return result;
}

// In code, references keep their label or address, and nothing else is formatted.
function preformatted(text) {
  return unescape(text.replace(/^\n|\n$/g, "").replace(/<([^>|]*)(?:\|([^>]*))?>/g, (whole, target, label) => label || target));
}

const QUOTE = /^(?:&gt;|>)\s?/;
const REST_QUOTED = /^(?:&gt;&gt;&gt;|>>>)\s?/;
const ITEM = /^(\s*)([•◦▪‣]|-|\d{1,3}\.)\s+(.*)$/;

function paragraphs(text, options) {
  const out = [];
  const rows = text.split("\n");
  let open = false; // whether the last thing put out was a line of text, so that the next needs a break
  for (let i = 0; i < rows.length; i += 1) {
    if (REST_QUOTED.test(rows[i])) {
      const quoted = [rows[i].replace(REST_QUOTED, ""), ...rows.slice(i + 1)].join("\n");
      out.push(h("blockquote", null, paragraphs(quoted, options)));
      return out;
    }
    if (QUOTE.test(rows[i])) {
      const quoted = [];
      while (i < rows.length && QUOTE.test(rows[i])) quoted.push(rows[i++].replace(QUOTE, ""));
      i -= 1;
      out.push(h("blockquote", null, paragraphs(quoted.join("\n"), options)));
      open = false;
    } else if (ITEM.test(rows[i])) {
      const items = [];
      while (i < rows.length && ITEM.test(rows[i])) items.push(rows[i++].match(ITEM));
      i -= 1;
      out.push(itemList(items, options));
      open = false;
    } else {
      if (open) out.push(h("br"));
      out.push(...inline(rows[i], options));
      open = true;
    }
  }
  return out;
}

// mrkdwn has no lists: Slack shows the sign as written. We only hang the lines
// under their text, so what is read stays what Slack would show.
function itemList(items, options) {
  return h("ul", { class: "hanging" }, items.map(([, indent, sign, text]) => h("li", { class: indent.length >= 2 ? "deeper" : "" },
    h("span", { class: "sign" }, sign), h("span", null, inline(text, options)))));
}

const WORD = /[\p{L}\p{N}]/u;
const STYLES = { "*": "strong", _: "em", "~": "s" };
const SHORTCODE = /:([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?/y;
const BARE_URL = /https?:\/\/[^\s<>|]+/y;

/** One line of mrkdwn. */
export function inline(text, options = {}) {
  const out = [];
  let buffer = "";
  const flush = () => {
    if (buffer) out.push(unescape(buffer));
    buffer = "";
  };
  for (let i = 0; i < text.length;) {
    const found = token(text, i, options);
    if (found) {
      flush();
      out.push(found.node);
      i = found.end;
    } else {
      buffer += text[i];
      i += 1;
    }
  }
  flush();
  return out;
}

function token(text, i, options) {
  switch (text[i]) {
    case "<": return reference(text, i);
    case "`": return code(text, i);
    case ":": return shortcode(text, i);
    case "*": case "_": case "~": return styled(text, i, options);
    case "h": return options.verbatim ? null : bareUrl(text, i);
    default: return null;
  }
}

function reference(text, i) {
  const end = text.indexOf(">", i);
  if (end < 0) return null;
  const node = referenceNode(text.slice(i + 1, end));
  return node === null ? null : { node, end: end + 1 };
}

function referenceNode(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  if (/^@[UW][A-Z0-9]+$/.test(target)) return mention(target.slice(1), label);
  if (/^#[CG][A-Z0-9]+$/.test(target)) return channelLink(target.slice(1), label);
  if (target.startsWith("!subteam^")) return groupNode(target.slice(9), label);
  if (target.startsWith("!date^")) return dateNode(target.slice(6), label);
  if (/^!(here|channel|everyone)$/.test(target)) return everyone(target.slice(1));
  if (target.startsWith("!")) return label || `<${target}>`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return link(unescape(target), label ? emojify(label) : unescape(target).replace(/^mailto:/, ""));
  return null; // not a reference: the signs stay as they are
}

function code(text, i) {
  const end = text.indexOf("`", i + 1);
  if (end <= i + 1) return null;
  return { node: h("code", null, preformatted(text.slice(i + 1, end))), end: end + 1 };
}

function shortcode(text, i) {
  SHORTCODE.lastIndex = i;
  const match = SHORTCODE.exec(text);
  const char = match && emojiFor(match[1], Number(match[2]));
  if (!char) return null;
  return { node: emojiNode(char, match[1]), end: SHORTCODE.lastIndex };
}

/** An emoji with its name as the tooltip. */
export function emojiNode(char, name) {
  return h("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " "), title: `:${name}:` }, char);
}

function bareUrl(text, i) {
  if (i > 0 && WORD.test(text[i - 1])) return null;
  BARE_URL.lastIndex = i;
  const match = BARE_URL.exec(text);
  if (!match) return null;
  const url = match[0].replace(/[.,;:!?)\]}'"*_~]+$/, ""); // what ends the sentence does not belong to the address
  return { node: link(unescape(url), unescape(url)), end: i + url.length };
}

/** *bold*, _italic_ and ~strike~ hold only between word boundaries and within one line, as in Slack. */
function styled(text, i, options) {
  const sign = text[i];
  if (i > 0 && (WORD.test(text[i - 1]) || text[i - 1] === sign)) return null;
  if (!text[i + 1] || /\s/.test(text[i + 1]) || text[i + 1] === sign) return null;
  for (let j = i + 2; j < text.length; j += 1) {
    if (text[j] === "`" || text[j] === "<") {
      const close = text.indexOf(text[j] === "<" ? ">" : "`", j + 1);
      if (close > 0) {
        j = close;
        continue;
      }
    }
    if (text[j] !== sign || /\s/.test(text[j - 1])) continue;
    if (text[j + 1] && (WORD.test(text[j + 1]) || text[j + 1] === sign)) continue;
    return { node: h(STYLES[sign], null, inline(text.slice(i + 1, j), options)), end: j + 1 };
  }
  return null;
}
