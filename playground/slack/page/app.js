// Starts the page and joins its parts: the address (who, where, which thread)
// says what is shown, the stream of changes says what must be asked for again.

import { follow, get } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { Conversation, Thread } from "./conversation.js";
import { Devbar } from "./devbar.js";
import { permalink, route } from "./entities.js";
import { Home } from "./home.js";
import { Modals } from "./modal.js";
import { Sidebar } from "./sidebar.js";
import { remember, remembered, store } from "./store.js";

const PAUSE = 40; // ms in which changes are gathered before they are asked for
const app = document.getElementById("app");

/** Runs `work` soon, once for many calls, and never twice at a time. */
function gathered(work) {
  let timer = 0;
  let running = false;
  let again = false;
  const run = async () => {
    timer = 0;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await work();
    } finally {
      running = false;
      if (again) {
        again = false;
        ask();
      }
    }
  };
  const ask = () => {
    if (!timer) timer = setTimeout(run, PAUSE);
  };
  return ask;
}

class Page {
  constructor() {
    this.place = { channel: "", thread: "", at: "" };
    this.home = new Home();
    this.sidebar = new Sidebar(document.getElementById("sidebar"), {
      become: (user) => this.go(user, this.place.channel),
      opened: () => this.drawer(false),
    });
    this.conversation = new Conversation({
      header: document.getElementById("channel-header"),
      stage: document.getElementById("stage"),
      home: this.home,
      openThread: (ts) => { location.hash = route(this.place.channel, ts); },
      drawer: () => this.drawer(true),
      joined: () => this.refreshState(),
    });
    this.thread = new Thread({
      panel: document.getElementById("panel"),
      closed: () => {
        location.hash = route(this.place.channel);
        this.conversation.composer.focus();
      },
    });
    this.modals = new Modals();
    this.devbar = new Devbar(document.getElementById("devbar"));
    this.refreshAll = gathered(() => this.everything());
    this.refreshConversation = gathered(async () => {
      await this.conversation.refresh();
      this.places();
    });
    this.refreshThread = gathered(() => this.thread.refresh());
    this.refreshViews = gathered(() => this.modals.refresh(this.current()));
    this.refreshHome = gathered(() => this.home.refresh());
    this.refreshState = gathered(() => this.state());
    this.recount = new Map();
    this.turns = 0; // how often the address was read
    this.keys();
    window.addEventListener("hashchange", () => this.turn());
    document.addEventListener("click", (event) => this.inside(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.refreshConversation();
    });
  }

  async start() {
    const asked = location.hash.match(/^#\/(U[A-Z0-9]+)/);
    const wanted = (asked && asked[1]) || remembered("user") || undefined;
    try {
      await store.load(wanted).catch(() => store.load());
    } catch (error) {
      fill(document.getElementById("stage"), h("div", { class: "empty" }, h("p", { role: "alert" }, `The playground does not answer (${error.message}). This page tries again.`)));
      setTimeout(() => this.start(), 1500); // the server may only just be starting
      return;
    }
    // An address as the app got it from chat.getPermalink, or of a person's profile: the same place in this page.
    if (location.pathname !== "/") history.replaceState(null, "", `/${permalink(location.href) || ""}`);
    app.removeAttribute("data-loading");
    this.devbar.draw();
    await this.turn(true);
    follow({
      changed: (event) => this.changed(event),
      opened: (again) => {
        this.devbar.live(true);
        if (again) this.refreshAll();
      },
      lost: () => this.devbar.live(false),
    });
    this.countAll();
  }

  /** The channel that is in view; the app's own while its Home is. */
  current() {
    if (this.place.channel !== "home") return this.place.channel;
    const channel = store.appChannel();
    return channel ? channel.id : "";
  }

  /** The channel whose messages are in view; none while the app's Home is. */
  reading() {
    return this.place.channel === "home" ? "" : this.current();
  }

  /** Draws where one can go, with what was not read there. */
  places() {
    this.sidebar.draw(this.current());
    this.conversation.drawTabs();
  }

  /** Goes to a place by its address; the browser's history remembers it. */
  go(user, channel) {
    location.hash = `#/${user}/${channel}`;
  }

  /** Shows what the address says. */
  async turn(first) {
    const archived = location.hash.startsWith("#/archives/") && permalink(location.hash);
    if (archived) {
      location.replace(archived);
      return;
    }
    this.turns += 1;
    const turn = this.turns;
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const [user, channel, thread] = path.split("/");
    const at = new URLSearchParams(query || "").get("at") || "";
    if (user && user !== store.me.id && (await this.become(user)) === false) return;
    const place = { channel: await this.known(channel), thread: thread || "", at };
    if (turn !== this.turns) return; // somebody was faster: what they asked for is shown
    const moved = first || this.shownUser !== store.me.id || place.channel !== this.place.channel;
    const threaded = moved || place.thread !== this.place.thread;
    this.place = place;
    this.shownUser = store.me.id;
    remember(`place:${store.me.id}`, place.channel);
    if (moved) await this.conversation.show(this.current(), place.channel === "home");
    if (threaded) await this.thread.show(place.channel, place.thread);
    if (turn !== this.turns) return;
    if (at) (place.thread ? this.thread : this.conversation).list.reveal(at);
    this.places();
    if (moved) await this.modals.refresh(this.current());
    this.settle(moved, threaded, place);
  }

  // The focus goes to where one writes next; on a phone it would only raise the keyboard.
  settle(moved, threaded, place) {
    if (matchMedia("(pointer: coarse)").matches || document.querySelector("dialog[open]")) return;
    if (place.thread && threaded) this.thread.composer.focus();
    else if (moved && document.activeElement === document.body) (place.channel === "home" ? this.home : this.conversation.composer).focus();
  }

  // A place that this person cannot see becomes the last one that was seen, or the first.
  async known(asked) {
    const channel = asked && asked.startsWith("@") ? await store.direct(asked.slice(1)) : asked;
    if (channel === "home" || store.channels.has(channel)) return channel;
    const last = remembered(`place:${store.me.id}`);
    if (last === "home" || store.channels.has(last)) return last;
    const joined = [...store.channels.values()].filter((c) => !c.is_im && c.is_member !== false);
    const first = joined.find((c) => c.id === store.landing) || joined.find((c) => c.name === "general") || joined[0] || [...store.channels.values()][0];
    return first ? first.id : "";
  }

  async become(user) {
    const before = store.me.id;
    try {
      await store.load(user);
    } catch (error) {
      announce(`That person cannot be: ${error.message}`);
      this.go(before, this.place.channel);
      return false;
    }
    remember("user", store.me.id);
    this.devbar.draw();
    this.countAll();
    announce(`You are now ${store.fullName(store.me.id)}`);
    return true;
  }

  /** Something changed in the playground: only what hangs on it is asked for again. */
  changed(event) {
    switch (event.type) {
      case "message": case "message_changed": case "message_deleted": case "ephemeral": case "reaction":
        this.messageChanged(event);
        break;
      case "view":
        if (!event.user || event.user === store.me.id) this.refreshViews();
        break;
      case "home":
        if (this.place.channel === "home" && (!event.user || event.user === store.me.id)) this.refreshHome();
        break;
      case "clock":
        this.devbar.readClock().then(() => this.refreshConversation());
        break;
      case "channel": case "socket": case "person":
        this.refreshState();
        break;
      default: // envelopes and calls are for the log
    }
  }

  messageChanged(event) {
    if (event.type === "ephemeral" && event.user && event.user !== store.me.id) return;
    if (event.channel && !store.channels.has(event.channel)) {
      if (/^D/.test(event.channel)) this.refreshState(); // perhaps a conversation with this person that is new
      return;
    }
    if (!event.channel || event.channel === this.reading()) {
      this.refreshConversation();
      if (this.place.thread) this.refreshThread();
    } else if (event.type === "message") {
      this.count(event.channel);
    }
  }

  count(channel) {
    if (!this.recount.has(channel)) {
      this.recount.set(channel, gathered(async () => {
        const user = store.me.id;
        const answer = await get("/_page/history", { user, channel });
        if (!answer.ok || user !== store.me.id || channel === this.reading()) return;
        store.count(channel, answer.messages || []);
        this.places();
      }));
    }
    this.recount.get(channel)();
  }

  countAll() {
    store.counts.clear();
    for (const channel of store.channels.keys()) if (channel !== this.reading()) this.count(channel);
  }

  async state() {
    await store.load(store.me.id).catch(() => {});
    this.conversation.recheck();
    this.devbar.draw();
    this.places();
  }

  /** After the stream was cut nothing is certain. */
  async everything() {
    await this.state();
    await this.conversation.refresh();
    await this.thread.refresh();
    await this.modals.refresh(this.current());
    if (this.place.channel === "home") await this.home.refresh();
    this.countAll();
  }

  // Links to places in this page are followed in it, whatever address they have.
  inside(event) {
    const anchor = event.target.closest && event.target.closest("a[href]");
    if (!anchor || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const here = permalink(anchor.href);
    if (!here) return;
    event.preventDefault();
    location.hash = here;
  }

  drawer(open) {
    const was = app.classList.contains("drawer-open");
    if (open === was) return;
    app.classList.toggle("drawer-open", open);
    document.getElementById("scrim").hidden = !open;
    for (const id of ["main", "panel", "devbar"]) document.getElementById(id).inert = open; // what lies under the drawer is out of reach
    if (open) document.querySelector("#sidebar .side-entry[aria-current], #sidebar a")?.focus();
    else document.querySelector(".menu-button")?.focus();
  }

  keys() {
    document.getElementById("scrim").addEventListener("click", () => this.drawer(false));
    document.addEventListener("keydown", (event) => {
      if (document.querySelector("dialog[open]")) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        this.sidebar.jump();
      } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        this.neighbour(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape" && !event.defaultPrevented) {
        if (app.classList.contains("drawer-open")) this.drawer(false);
        else if (this.place.thread) this.thread.closed();
      }
    });
  }

  // Alt+arrows: the channel above or below.
  neighbour(step) {
    const entries = [...document.querySelectorAll("#sidebar .side-entry")];
    const at = entries.findIndex((e) => e.dataset.channel === this.current());
    const next = entries[(at + step + entries.length) % entries.length];
    if (next) location.hash = next.getAttribute("href");
  }
}

new Page().start();
