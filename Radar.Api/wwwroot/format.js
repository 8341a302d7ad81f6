// Figures that the page makes itself: times, rates, percents. Amounts are never formatted; they are shown as they came.

const units = [[86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/** A time span in ms, in its largest unit: `40 ms`, `3.2 s`, `12 min`. */
export function span(ms) {
  if (ms < 0) return `−${span(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  const [size, unit] = units.find(([least]) => seconds >= least);
  const value = seconds / size;
  return `${value < 10 && unit === 's' ? value.toFixed(1) : Math.floor(value)} ${unit}`;
}

/** An age in ms, in whole seconds, since it is read at a glance. */
export function age(ms) {
  return ms < 1000 ? 'now' : span(Math.floor(ms / 1000) * 1000).replace('.0', '');
}

/** Events per second. */
export function rate(value) {
  return value < 10 ? value.toFixed(1) : whole(value);
}

/** A count with its thousands set apart. */
export function whole(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** A change in percent with its sign; a rounded zero has none. */
export function percent(value) {
  const digits = Math.abs(value).toFixed(2);
  return digits === '0.00' ? '0.00 %' : `${value > 0 ? '+' : '−'}${digits} %`;
}

/** Direction of a change: `up`, `down`, or none where it rounds to nothing. */
export function direction(value) {
  return value === null || Math.abs(value) < 0.005 ? '' : value > 0 ? 'up' : 'down';
}

/** Time of day in UTC, as bars and trades have it. */
export function clock(ms, withMs = false) {
  return new Date(ms).toISOString().slice(11, withMs ? 23 : 19);
}

/** A time of the API to the minute: `2026-11-28 18:45 UTC`. */
export function when(iso) {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
