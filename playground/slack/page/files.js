// Files that were shared in a message, and the cards that stand for them.

import { h, icon } from "./dom.js";
import { safe } from "./entities.js";

/** A file as Slack shows it: pictures as pictures, anything else as a card with its name. */
export function fileCard(file) {
  const url = safe(file.url_private || file.permalink || file.url_private_download || (file.id ? `/files/${file.id}` : ""));
  const name = file.title || file.name || file.id || "File";
  if (/^image\//.test(file.mimetype || "") && url) return picture(file, url, name);
  const about = [file.pretty_type || (file.filetype || file.mimetype || "").toUpperCase(), bytes(file.size)].filter(Boolean).join(" · ");
  return h(url ? "a" : "div", { class: "file-card", href: url || null, target: url ? "_blank" : null, rel: url ? "noopener noreferrer" : null },
    h("span", { class: "file-icon" }, icon("file")),
    h("span", { class: "file-words" }, h("strong", null, name), h("span", { class: "muted" }, about || "File")),
    url ? icon("download") : null);
}

function picture(file, url, name) {
  const image = h("img", { class: "block-picture", src: url, alt: file.alt_txt || name, loading: "lazy" });
  return h("figure", null, h("figcaption", { class: "muted" }, name),
    h("a", { href: url, target: "_blank", rel: "noopener noreferrer", "aria-label": `Open ${name}` }, image));
}

function bytes(size) {
  if (!size) return "";
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${Math.round(size / 1024)} KB`;
  return `${(size / 1024 / 1024).toFixed(1)} MB`;
}
