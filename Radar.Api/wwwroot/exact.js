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
