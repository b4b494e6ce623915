// A surface is what holds interactive blocks: a message, a modal, the Home tab.
// It knows how to tell the app about an action, and what each input holds now.

import { post } from "./api.js";
import { store } from "./store.js";

/** What Slack puts into `state.values` for an input that holds nothing, where a person can make it hold nothing again. */
const EMPTY = {
  plain_text_input: { value: null },
  number_input: { value: null },
  email_text_input: { value: null },
  url_text_input: { value: null },
  rich_text_input: { rich_text_value: null },
  multi_static_select: { selected_options: [] },
  multi_external_select: { selected_options: [] },
  multi_users_select: { selected_users: [] },
  multi_channels_select: { selected_channels: [] },
  multi_conversations_select: { selected_conversations: [] },
  datepicker: { selected_date: null },
  timepicker: { selected_time: null },
  datetimepicker: { selected_date_time: null },
  checkboxes: { selected_options: [] },
};

/** The words for an answer that did not come, as a person can use them. */
export function failureWords(error) {
  const app = store.app ? store.name(store.app.id) : "The app";
  switch (error) {
    case "dispatch_failed": return `${app} is not connected, so nobody got this (dispatch_failed).`;
    case "operation_timeout": return `${app} did not answer within 3 seconds (operation_timeout).`;
    case "unreachable": return "The playground cannot be reached. Is it still running?";
    default: return `That did not work: ${error}`;
  }
}

export class Surface {
  /**
   * `where` is {channel, messageTs} or {view_id}; `values` holds what was
   * typed before, by block and action, so that a view drawn anew keeps it;
   * `current` is the conversation for default_to_current_conversation.
   */
  constructor({ kind, where, values, current }) {
    this.kind = kind;
    this.where = where;
    this.values = values || {};
    this.current = current;
    this.controls = [];
    this.notes = new Map(); // block_id → where to show that an action failed
  }

  /** Starts a new drawing: the controls of the last one are forgotten, their values are not. */
  redraw() {
    this.controls = [];
    this.notes.clear();
  }

  /** Declares an input; `initial` counts only if nothing is held yet. `check` gives an error's words or "". */
  declare(block, element, initial, check) {
    const key = `${block.block_id}/${element.action_id}`;
    if (this.values[key] === undefined && initial !== undefined) this.values[key] = initial;
    this.controls.push({ block, element, key, check });
    return this.values[key];
  }

  set(block, element, value) {
    this.values[`${block.block_id}/${element.action_id}`] = value;
  }

  held(block, element) {
    return this.values[`${block.block_id}/${element.action_id}`];
  }

  /** Slack's state.values of what is drawn now. A menu where nothing is chosen is left out: it cannot be emptied again. */
  state() {
    const values = {};
    for (const { block, element, key } of this.controls) {
      const value = this.values[key] || EMPTY[element.type];
      if (!value) continue;
      values[block.block_id] = values[block.block_id] || {};
      values[block.block_id][element.action_id] = { type: element.type, ...value };
    }
    return values;
  }

  /** Tells the app what was done. Resolves with the server's answer; a failure is shown at the block. */
  async act(block, element, payload) {
    const action = { type: element.type, action_id: element.action_id, block_id: block.block_id, ...payload };
    const answer = await post("/_control/interact", { ...this.where, user: store.me.id, action, state: { values: this.state() } });
    this.note(block, answer.ok ? "" : failureWords(answer.error));
    return answer;
  }

  /** Shows, or with "" takes away, a word about an action at its block. */
  note(block, words) {
    const place = this.notes.get(block.block_id);
    if (!place) return;
    place.textContent = words;
    place.hidden = !words;
  }

  /** Asks the app for the options of a searched menu. */
  suggest(block, element, value) {
    return post("/_control/suggest", {
      ...this.where,
      user: store.me.id,
      action_id: element.action_id,
      block_id: block.block_id,
      value,
    });
  }
}
