// Figures that the page makes itself: spans, rates, percents. Amounts are exact text, see amount.js; times are in zone.js.

const units = [[86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/** A time span in ms, in its largest unit: `40 ms`, `3.2 s`, `12 min`. */
export function span(ms) {
  if (ms < 0) return `−${span(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  const [size, unit] = units.find(([least]) => seconds >= least);
  const value = seconds / size;
  return `${value < 10 && unit === 's' ? value.toFixed(1) : whole(Math.floor(value))} ${unit}`;
}

/** An age in ms, in whole seconds, since it is read at a glance; of a recording in years, since a column has little room. */
export function age(ms) {
  if (ms >= 1000 * 86_400_000) return `${Math.floor(ms / (365.25 * 86_400_000))} y`;
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

/** A change in percent with its sign; a rounded zero has none. Large ones need no hundredths. */
export function percent(value) {
  const size = Math.abs(value);
  const digits = size >= 10_000 ? compact(String(size)) : size >= 1000 ? whole(size) : size.toFixed(size >= 100 ? 1 : 2);
  return Number(digits) === 0 ? '0.00 %' : `${value > 0 ? '+' : '−'}${digits} %`;
}

/** Direction of a change: `up`, `down`, or none where it rounds to nothing. */
export function direction(value) {
  return value === null || Math.abs(value) < 0.005 ? '' : value > 0 ? 'up' : 'down';
}

/** A large amount in few digits, for columns: `912.4`, `12.3 k`, `4.05 M`. */
export function compact(text) {
  const value = Number(text);
  const size = Math.abs(value);
  if (size < 1000) return size === 0 ? '0' : size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
  const [unit, name] = [[1e15, 'Q'], [1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'k']].find(([least]) => size >= least * 0.9995);
  return `${(value / unit).toPrecision(size / unit >= 999.5 ? 4 : 3)} ${name}`;
}
