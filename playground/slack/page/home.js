// The app's Home tab.

import { get, post } from "./api.js";
import { fill, focusIn, h, icon } from "./dom.js";
import { blocks } from "./blocks.js";
import { failureWords, Surface } from "./surface.js";
import { store } from "./store.js";

export class Home {
  constructor() {
    this.node = h("section", { class: "home scroller", "aria-label": "Home", tabindex: "0" });
    this.surface = null;
    this.sign = "";
  }

  /** Tells the app that the person opened its Home, as Slack does each time, and shows what it published. */
  async open() {
    this.sign = "";
    this.words("One moment…");
    const answer = await post("/_control/open-home", { user: store.me.id });
    await this.refresh();
    if (!answer.ok && !this.surface) this.words(failureWords(answer.error));
  }

  async refresh() {
    const user = store.me.id;
    const answer = await get("/_page/home", { user });
    if (user !== store.me.id) return;
    const view = answer.ok ? answer.view : null;
    if (!view) {
      this.surface = null;
      const app = store.app ? store.name(store.app.id) : "The app";
      this.words(answer.ok ? `${app} has not published a Home tab for you.` : failureWords(answer.error));
      return;
    }
    this.show(view);
  }

  show(view) {
    const sign = JSON.stringify([view.id, view.blocks]);
    if (sign === this.sign) return;
    // What is waited for, or has just gone, leaves the focus at the beginning.
    const within = this.node.contains(document.activeElement) && (document.activeElement !== this.node || !this.sign);
    const focused = focusIn(this.node);
    const at = this.sign ? this.node.scrollTop : 0;
    this.sign = sign;
    if (!this.surface || this.surface.where.view_id !== view.id) {
      this.surface = new Surface({ kind: "home", where: { view_id: view.id } });
    }
    this.surface.redraw();
    fill(this.node, h("div", { class: "home-body blocks" }, blocks(this.surface, view.blocks)));
    this.node.scrollTop = at;
    const again = focused(this.node);
    if (again) again.focus();
    else if (within) this.focus();
  }

  /** Puts the focus on what the app begins with: a heading or something to press. */
  focus() {
    const first = this.node.querySelector("h3, [data-focus], a[href]") || this.node;
    if (first.matches("h3")) first.tabIndex = -1; // where one reads on from; Tab passes it by
    first.focus();
  }

  words(text) {
    fill(this.node, h("div", { class: "empty" }, icon("home"), h("p", null, text)));
  }
}
