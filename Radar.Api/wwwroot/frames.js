// Lengths of a bar: the API's name, the short one, and whether the stream brings them; the others are built when they are read.
export const frames = [
  ['1Min', '1m', true], ['3Min', '3m', false], ['5Min', '5m', true], ['15Min', '15m', true], ['30Min', '30m', false],
  ['1Hour', '1h', true], ['2Hour', '2h', false], ['4Hour', '4h', false], ['1Day', '1d', true], ['1Week', '1w', false],
  ['1Month', '1M', false],
].map(([name, short, streamed]) => ({ name, short, streamed, ofDays: /Day|Week|Month/.test(name) }));

export const usual = frames[0];

/** The length that a name or a short name is of; null where it is none. Only in short names does case count. */
export function frameOf(name) {
  return frames.find(({ short }) => short === name)
    ?? frames.find(frame => frame.name.toLowerCase() === String(name).toLowerCase()) ?? null;
}
