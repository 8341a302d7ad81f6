import { keep, kept } from './settings.js';

const favouritesMax = 500;
const saved = kept('favourites');
const symbols = new Set(Array.isArray(saved) ? saved.filter(symbol => typeof symbol === 'string').slice(0, favouritesMax) : []);
const followers = [];

export function isFavourite(symbol) {
  return symbols.has(symbol);
}

export function favouriteCount() {
  return symbols.size;
}

/** Makes a symbol a favourite, or no longer; kept in this browser. */
export function toggleFavourite(symbol) {
  if (!symbols.delete(symbol)) symbols.add(symbol);
  keep('favourites', [...symbols].slice(-favouritesMax));
  for (const follow of followers) follow();
}

/** Calls back when the favourites are others. */
export function onFavourites(follow) {
  followers.push(follow);
}
