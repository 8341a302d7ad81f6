const windowS = 5;
const latenciesMax = 500;

/** How many events a second come, and how long records took from Kafka to the screen. */
export class Meter {
  #seconds = []; // [second, events], the newest last
  #latencies = [];
  #next = 0;
  total = 0; // events that came since the page was opened

  count(nowMs = performance.now()) {
    this.total++;
    const second = Math.floor(nowMs / 1000);
    const last = this.#seconds[this.#seconds.length - 1];
    if (last?.[0] === second) last[1]++;
    else this.#seconds.push([second, 1]);
    if (this.#seconds.length > windowS + 1) this.#seconds.shift();
  }

  /** Events a second over the last whole seconds. */
  perSecond(nowMs = performance.now()) {
    const second = Math.floor(nowMs / 1000);
    let events = 0;
    for (const [at, count] of this.#seconds)
      if (at < second && at >= second - windowS) events += count;
    return events / windowS;
  }

  shown(latencyMs) {
    this.#latencies[this.#next++ % latenciesMax] = latencyMs;
  }

  /** Median and 99th percentile of the newest latencies, null where there are none. */
  latency() {
    if (this.#latencies.length === 0) return null;
    const sorted = Float64Array.from(this.#latencies).sort();
    return { median: sorted[sorted.length >> 1], p99: sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] };
  }

  forget() {
    this.#latencies = [];
    this.#next = 0;
  }
}

/**
 * The API's clock, where it is not this machine's. Heartbeats tell the API's time; a difference below a second may be the way, so it
 * is not corrected.
 */
export class Clock {
  #offsets = [];
  offsetMs = 0;

  heartbeat(time) {
    this.#offsets.push(Date.parse(time) - Date.now());
    if (this.#offsets.length > 10) this.#offsets.shift();
    const offset = Math.max(...this.#offsets); // the one that was on its way least
    this.offsetMs = Math.abs(offset) > 1000 ? offset : 0;
  }

  now() {
    return Date.now() + this.offsetMs;
  }
}
