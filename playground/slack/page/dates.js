// Times as Slack shows them, in the time zone of the person who looks.
// The playground's clock can be moved, so "today" is today by that clock.

const cache = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!cache.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options });
    } catch {
      made = new Intl.DateTimeFormat("en-US", options); // an unknown zone: the browser's own
    }
    cache.set(key, made);
  }
  return cache.get(key);
}

function part(date, zone, options) {
  return format(zone, options).format(date);
}

/** "2026-11-24" in that zone: tells whether two moments are on one day. */
export function dayKey(date, zone) {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(date);
  const of = (type) => parts.find((p) => p.type === type).value;
  return `${of("year")}-${of("month")}-${of("day")}`;
}

/** "09:05". */
export function clockTime(date, zone, seconds) {
  return part(date, zone, { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23" });
}

function ordinal(n) {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] || "th"}`;
}

function relative(date, zone, now) {
  const key = dayKey(date, zone);
  const day = 86400000;
  if (key === dayKey(now, zone)) return "today";
  if (key === dayKey(new Date(now.getTime() - day), zone)) return "yesterday";
  if (key === dayKey(new Date(now.getTime() + day), zone)) return "tomorrow";
  return "";
}

function written(date, zone, weekday, month) {
  const of = (options) => part(date, zone, options);
  const day = Number(of({ day: "numeric" }));
  const named = month === "short" ? String(day) : ordinal(day);
  const head = weekday ? `${of({ weekday: "long" })}, ` : "";
  return `${head}${of({ month })} ${named}, ${of({ year: "numeric" })}`;
}

function ago(date, now) {
  const seconds = Math.round((now - date) / 1000);
  const size = Math.abs(seconds);
  const [count, unit] = size < 60 ? [size, "second"]
    : size < 3600 ? [Math.round(size / 60), "minute"]
      : size < 86400 ? [Math.round(size / 3600), "hour"]
        : [Math.round(size / 86400), "day"];
  const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${text} ago` : `in ${text}`;
}

/** Slack's date tokens: {date}, {date_short_pretty}, {time}, {ago} and their kin. Unknown ones stay as they are. */
export function slackDate(seconds, template, zone, now) {
  const date = new Date(seconds * 1000);
  const pretty = (otherwise) => relative(date, zone, now) || otherwise;
  const tokens = {
    date_num: () => dayKey(date, zone),
    date_slash: () => dayKey(date, zone).replaceAll("-", "/"),
    date: () => written(date, zone, false, "long"),
    date_short: () => written(date, zone, false, "short"),
    date_long: () => written(date, zone, true, "long"),
    date_pretty: () => pretty(written(date, zone, false, "long")),
    date_short_pretty: () => pretty(written(date, zone, false, "short")),
    date_long_pretty: () => pretty(written(date, zone, true, "long")),
    time: () => clockTime(date, zone),
    time_secs: () => clockTime(date, zone, true),
    ago: () => ago(date, now),
  };
  // Slack writes a pretty word with a capital when it opens the text.
  return template
    .replace(/\{([a-z_]+)\}/g, (whole, name) => (tokens[name] ? tokens[name]() : whole))
    .replace(/^(today|yesterday|tomorrow)/, (word) => word[0].toUpperCase() + word.slice(1));
}

/** The words on the line between two days. */
export function dayLabel(date, zone, now) {
  const word = relative(date, zone, now);
  if (word) return word[0].toUpperCase() + word.slice(1);
  const year = part(date, zone, { year: "numeric" }) === part(now, zone, { year: "numeric" }) ? undefined : "numeric";
  return part(date, zone, { weekday: "long", month: "long", day: "numeric", year });
}

/** The whole moment, for tooltips: "Tue, Nov 24, 2026 at 21:05:09". */
export function fullTime(date, zone) {
  const day = part(date, zone, { weekday: "short", month: "short", day: "numeric", year: "numeric" });
  return `${day} at ${clockTime(date, zone, true)}`;
}

/** The playground's clock in the developer bar: "Tue Nov 24, 21:05". */
export function shortMoment(date, zone) {
  return `${part(date, zone, { weekday: "short", month: "short", day: "numeric" }).replace(",", "")}, ${clockTime(date, zone)}`;
}

/** The moment of a message's ts ("1700000000.000100"). */
export function tsDate(ts) {
  return new Date(parseFloat(ts) * 1000);
}

/** How far a zone is from UTC at a moment, in minutes. */
function zoneOffset(date, zone) {
  const parts = format(zone, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(date);
  const of = (type) => Number(parts.find((p) => p.type === type).value);
  const there = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"));
  return Math.round((there - Math.floor(date.getTime() / 60000) * 60000) / 60000);
}

/** "2026-11-24T09:00" in a zone → Unix seconds. The second pass is for nights when the clocks change. */
export function localToUnix(text, zone) {
  const naive = Date.parse(`${text}:00Z`);
  if (Number.isNaN(naive)) return null;
  let moment = naive - zoneOffset(new Date(naive), zone) * 60000;
  moment = naive - zoneOffset(new Date(moment), zone) * 60000;
  return Math.floor(moment / 1000);
}

/** Unix seconds → "2026-11-24T09:00" in a zone, the form that datetime-local inputs hold. */
export function unixToLocal(seconds, zone) {
  const date = new Date(seconds * 1000);
  return `${dayKey(date, zone)}T${clockTime(date, zone)}`;
}
