const prefix = 'radar.';

/** What was kept under a name in this browser; null where nothing was, or where the browser keeps nothing. */
export function kept(name) {
  try {
    return JSON.parse(localStorage.getItem(prefix + name));
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(prefix + name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: it holds until the page is closed.
  }
}
