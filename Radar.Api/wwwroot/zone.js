import { keep, kept } from './settings.js';

// Times are shown in UTC, as days and bars are counted, or in the zone of this browser.
const followers = [];
let local = kept('zone') === 'local';

export function isLocal() {
  return local;
}

export function setLocal(value) {
  local = value;
  keep('zone', local ? 'local' : 'utc');
  for (const follow of followers) follow();
}

/** Calls back when the zone is another. */
export function onZone(follow) {
  followers.push(follow);
}

/** `UTC`, or the browser's zone at a time, as `UTC+02:00`. */
export function zoneName(ms = Date.now()) {
  if (!local) return 'UTC';
  const minutes = -new Date(ms).getTimezoneOffset();
  const of = value => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '−' : '+'}${of(Math.floor(Math.abs(minutes) / 60))}:${of(Math.abs(minutes) % 60)}`;
}

/** A time in the zone: `2026-11-28T18:45:03.123`. */
export function shown(ms, inUtc = !local) {
  const offsetMs = inUtc ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, -1);
}

/** Time of day. */
export function clock(ms, withMs = false) {
  return shown(ms).slice(11, withMs ? 23 : 19);
}

/** A time of the API to the minute: `2026-11-28 18:45 UTC`. */
export function when(iso) {
  const ms = Date.parse(iso);
  return `${shown(ms).slice(0, 16).replace('T', ' ')} ${zoneName(ms)}`;
}

/** A time for a sentence: of today without its day. */
export function moment(ms, nowMs) {
  const text = shown(ms);
  return `${text.slice(0, 10) === shown(nowMs).slice(0, 10) ? '' : `${text.slice(0, 10)} `}${text.slice(11, 19)} ${zoneName(ms)}`;
}
