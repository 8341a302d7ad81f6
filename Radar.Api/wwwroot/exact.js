// Amounts are exact decimals. JSON.parse would make doubles of them and lose digits, so it is given their digits in quotes: what the
// page shows is the text that was sent. A key differs from text by its unescaped quotes.
const amounts = /"(p|s|i|o|h|l|c|v|vw|previous_close|change|change_percent)":\s*(-?\d[\d.eE+-]*)/g;

/** Parses an answer of the API; amounts and trade identities stay text. */
export function parseExact(json) {
  return JSON.parse(json.replace(amounts, '"$1":"$2"'));
}

/** Digits after the point. */
export function decimals(text) {
  const point = text.indexOf('.');
  return point < 0 ? 0 : text.length - point - 1;
}

/** The exact difference of two decimals, as text with the digits of the longer one. */
export function subtract(left, right) {
  const digits = Math.max(decimals(left), decimals(right));
  const difference = scaled(left, digits) - scaled(right, digits);
  const all = String(difference < 0n ? -difference : difference).padStart(digits + 1, '0');
  const text = digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`;
  return difference < 0n ? `-${text}` : text;
}

/** Below, equal to or above 0 as the left decimal is to the right one. */
export function compare(left, right) {
  const difference = Number(left) - Number(right);
  if (difference !== 0) return difference;
  const digits = Math.max(decimals(left), decimals(right));
  const exact = scaled(left, digits) - scaled(right, digits);
  return exact < 0n ? -1 : exact > 0n ? 1 : 0;
}

function scaled(text, digits) {
  return BigInt(text.replace('.', '') + '0'.repeat(digits - decimals(text)));
}
