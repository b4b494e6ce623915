// Modals: the stack of views that an app has opened for a person. Only the
// top one is seen; what was typed into each stays until it is closed.

import { get, post } from "./api.js";
import { announce, focusIn, h, iconButton, uid } from "./dom.js";
import { blocks, showErrors } from "./blocks.js";
import { closePopup, giveBack } from "./popup.js";
import { avatar } from "./elements.js";
import { plain } from "./mrkdwn.js";
import { store } from "./store.js";
import { failureWords, Surface } from "./surface.js";

export class Modals {
  constructor() {
    this.surfaces = new Map(); // view id → Surface
    this.stack = [];
    this.shown = "";
    this.node = h("dialog", { class: "dialog modal" });
    this.node.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.closeAll();
    });
    document.body.append(this.node);
  }

  /** Asks which views are open now and shows the top one. */
  async refresh(channel) {
    if (channel !== undefined) this.channel = channel;
    const user = store.me.id;
    const answer = await get("/_page/views", { user });
    if (!answer.ok || user !== store.me.id) return;
    this.stack = answer.views || [];
    const open = new Set(this.stack.map((view) => view.id));
    for (const id of this.surfaces.keys()) if (!open.has(id)) this.surfaces.delete(id);
    this.show();
  }

  show() {
    const view = this.stack[this.stack.length - 1];
    if (!view) {
      this.shown = "";
      if (this.node.open) {
        this.node.close();
        this.node.replaceChildren();
        giveBack(this.before);
      }
      return;
    }
    const sign = JSON.stringify([view.id, view.hash, view.title, view.submit, view.close, view.blocks, this.stack.length]);
    if (sign === this.shown) return;
    const same = this.view && this.view.id === view.id;
    this.shown = sign;
    this.draw(view, same);
  }

  draw(view, same) {
    closePopup();
    const again = same ? focusIn(this.node) : () => null;
    const scrolled = same && this.body ? this.body.scrollTop : 0;
    this.view = view;
    if (!this.surfaces.has(view.id)) {
      this.surfaces.set(view.id, new Surface({ kind: "view", where: { view_id: view.id }, values: {}, current: this.channel }));
    }
    this.surface = this.surfaces.get(view.id);
    this.surface.redraw();
    const title = uid("modal");
    this.body = h("div", { class: "modal-body blocks" }, blocks(this.surface, view.blocks));
    this.trouble = h("p", { class: "act-note", role: "alert", hidden: true });
    const form = h("form", { class: "modal-form", novalidate: true }, this.head(title, view), this.trouble, this.body, this.foot(view));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.node.setAttribute("aria-labelledby", title);
    this.node.dataset.viewId = view.id;
    this.node.replaceChildren(form);
    if (!this.node.open) {
      this.before = document.activeElement;
      this.node.showModal();
      announce(`${plain(view.title)}, dialog`);
    }
    this.focus(again(this.node));
    this.body.scrollTop = scrolled;
  }

  // The field that had the focus, else the one that the app wants it in, else the first.
  focus(before) {
    const wanted = before
      || this.body.querySelector("[autofocus]")
      || this.body.querySelector(".block-input input, .block-input textarea, .block-input button")
      || this.node.querySelector("button[type=submit]");
    if (wanted) wanted.focus();
  }

  head(title, view) {
    const deeper = this.stack.length > 1;
    return h("div", { class: "modal-head" },
      deeper ? iconButton("left", "Back", { onclick: () => this.closeTop() }) : avatar(store.app ? store.app.id : "", "small"),
      h("h2", { class: "dialog-title", id: title }, plain(view.title)),
      iconButton("close", "Close", { class: "icon-button modal-x", onclick: () => this.closeAll() }));
  }

  foot(view) {
    const hasInput = (view.blocks || []).some((block) => block.type === "input");
    const close = h("button", { type: "button", class: "button", dataset: { modal: "close" }, onclick: () => this.closeTop() }, plain(view.close) || (view.submit || hasInput ? "Cancel" : "Close"));
    this.send = view.submit || hasInput
      ? h("button", { type: "submit", class: "button primary", dataset: { modal: "submit" } }, plain(view.submit) || "Submit")
      : null;
    return h("div", { class: "dialog-buttons" }, close, this.send);
  }

  /** Checks the fields as Slack's client does, then sends the form. */
  async submit() {
    if (!this.send || this.send.getAttribute("aria-busy") === "true") return;
    const view = this.view;
    const errors = this.problems();
    if (showErrors(this.body, errors)) return;
    this.send.setAttribute("aria-busy", "true");
    this.say("");
    const answer = await post("/_control/submit", { view_id: view.id, user: store.me.id, values: this.surface.state() });
    if (this.send) this.send.removeAttribute("aria-busy");
    const told = answer.response || {};
    const refused = answer.errors || (told.response_action === "errors" ? told.errors : null);
    if (refused) {
      if (this.view.id === view.id && !showErrors(this.body, refused)) this.say(Object.values(refused).join(" "));
    } else if (!answer.ok) {
      this.say(failureWords(answer.error));
    } else {
      await this.refresh();
    }
  }

  problems() {
    const errors = {};
    for (const { block, key, check } of this.surface.controls) {
      if (block.type !== "input" || !check) continue;
      const words = check(this.surface.values[key]);
      if (words && !(block.optional && /required/.test(words))) errors[block.block_id] = words;
    }
    return errors;
  }

  say(words) {
    this.trouble.textContent = words;
    this.trouble.hidden = !words;
  }

  async closeTop() {
    const view = this.stack[this.stack.length - 1];
    if (!view) return;
    await post("/_control/close", { view_id: view.id, user: store.me.id });
    await this.refresh();
  }

  async closeAll() {
    const root = this.stack[0];
    if (!root) return;
    await post("/_control/close", { view_id: root.id, user: store.me.id, clear: true });
    await this.refresh();
  }
}
