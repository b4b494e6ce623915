// The page's only way to the server: JSON calls and the stream of changes.

/** Asks the server; a failed connection becomes {ok:false,error} like every other refusal. */
async function call(url, init) {
  try {
    const answer = await fetch(url, init);
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      return { ok: false, error: text.trim().slice(0, 200) || `HTTP ${answer.status}` };
    }
  } catch {
    return { ok: false, error: "unreachable" };
  }
}

/** GET with query parameters; undefined ones are left out. */
export function get(path, params) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params || {})) {
    if (value !== undefined && value !== null) query.set(key, value);
  }
  const text = query.toString();
  return call(text ? `${path}?${text}` : path, { headers: { Accept: "application/json" }, cache: "no-store" });
}

/** POST of a JSON body. */
export function post(path, body) {
  return send("POST", path, body);
}

/** A call whose method and path the server itself has named (the developer bar's buttons). */
export function send(method, path, body) {
  const init = { method, headers: { Accept: "application/json" } };
  if (method !== "GET" && body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  return call(path, init);
}

const FIRST_WAIT = 500; // ms before the first new try
const LONGEST_WAIT = 8000; // ms: a restarted server is found again soon enough

/**
 * Follows /_control/events. `opened(again)` is called after each connection,
 * with true when it is not the first: what happened in between is unknown then
 * and must be asked for. EventSource gives up on an HTTP error, so we start a
 * new one ourselves.
 */
export function follow({ changed, opened, lost }) {
  let wait = FIRST_WAIT;
  let again = false;
  const connect = () => {
    const source = new EventSource("/_control/events");
    source.onopen = () => {
      wait = FIRST_WAIT;
      opened(again);
      again = true;
    };
    source.onmessage = (event) => {
      let data;
      try {
        data = JSON.parse(event.data);
      } catch {
        return; // not ours: a comment or something newer than this page
      }
      changed(data);
    };
    source.onerror = () => {
      lost();
      source.close();
      setTimeout(connect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  };
  connect();
}
