// rich_text blocks: what Slack's own composer makes, and what some bots send.

import { h } from "./dom.js";
import { slackDate } from "./dates.js";
import { emojiFor } from "./emoji.js";
import { channelLink, everyone, groupNode, link, mention } from "./entities.js";
import { emojiNode, lines } from "./mrkdwn.js";
import { store } from "./store.js";

/** The elements of a rich_text block (or of a table's rich_text cell) as nodes. */
export function richText(elements) {
  return (elements || []).map(part);
}

function part(element) {
  const inside = () => (element.elements || []).map(inlineElement);
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "rich-section" }, inside());
    case "rich_text_preformatted":
      return h("pre", { class: "code-block", tabindex: "0" }, h("code", null, inside()));
    case "rich_text_quote":
      return h("blockquote", null, inside());
    case "rich_text_list":
      return list(element);
    default:
      return h("div", { class: "rich-section" }, inside());
  }
}

function list(element) {
  const indent = Math.min(element.indent || 0, 6); // Slack: at most 6 levels
  const props = { class: `rich-list indent-${indent}` };
  if (element.offset) props.start = element.offset + 1;
  return h(element.style === "ordered" ? "ol" : "ul", props, (element.elements || []).map((item) => h("li", null, part(item))));
}

function inlineElement(element) {
  const node = bare(element);
  return decorate(node, element.style || {});
}

function bare(element) {
  switch (element.type) {
    case "text": return lines(element.text || "");
    case "link": return link(element.url || "", element.text || element.url);
    case "user": return mention(element.user_id);
    case "usergroup": return groupNode(element.usergroup_id);
    case "channel": return channelLink(element.channel_id);
    case "broadcast": return everyone(element.range);
    case "emoji": return emoji(element);
    case "date": return slackDate(element.timestamp, element.format || "{date}", store.zone(), store.now());
    case "color": return [h("span", { class: "swatch", "aria-hidden": "true" }, "◼"), element.value];
    default: return element.text || "";
  }
}

function emoji(element) {
  const char = element.unicode
    ? String.fromCodePoint(...element.unicode.split("-").map((hex) => parseInt(hex, 16)))
    : emojiFor(element.name, element.skin_tone);
  return char ? emojiNode(char, element.name) : `:${element.name}:`;
}

function decorate(content, style) {
  let node = content;
  if (style.code) node = h("code", null, node);
  if (style.bold) node = h("strong", null, node);
  if (style.italic) node = h("em", null, node);
  if (style.strike) node = h("s", null, node);
  if (style.underline) node = h("u", null, node);
  if (style.highlight || style.client_highlight) node = h("mark", null, node);
  return node;
}
