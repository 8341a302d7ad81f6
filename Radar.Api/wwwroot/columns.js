import { isFavourite } from './favourites.js';

// What rows can be sorted by: a number of a row, or null for the symbols' own order. `first` is the direction of the first click.
export const orders = {
  symbol: { name: 'Symbol', first: 1, value: null },
  price: { name: 'Price', first: -1, value: row => row.value },
  percent: { name: 'Change %', first: -1, day: true, value: (row, days) => days.percent(row) },
  change: { name: 'Change', first: -1, day: true, value: (row, days) => days.difference(row) },
  high: { name: 'High', first: -1, day: true, value: (row, days) => days.number(row, 'h') },
  low: { name: 'Low', first: -1, day: true, value: (row, days) => days.number(row, 'l') },
  volume: { name: 'Volume', first: -1, day: true, value: (row, days) => days.number(row, 'v') },
  hour: { name: 'Last hour', first: -1, value: row => row.spark?.change() ?? null },
  age: { name: 'Age', first: 1, value: row => -row.time },
};

/**
 * Puts rows, which come in the order of their symbols, into another: favourites first, then by a column. Rows without the figure are last
 * in either direction. Null where that is the order in which they come.
 */
export function orderBy(key, direction, days, favourites) {
  const { value } = orders[key];
  if (value === null && direction === 1 && !favourites) return null;
  return rows => {
    const keyed = rows.map((row, i) => ({
      row, favourite: favourites && isFavourite(row.symbol), number: value === null ? i : value(row, days),
    }));
    keyed.sort((a, b) => b.favourite - a.favourite
      || (a.number === null) - (b.number === null) || (a.number - b.number) * direction);
    return keyed.map(({ row }) => row);
  };
}
