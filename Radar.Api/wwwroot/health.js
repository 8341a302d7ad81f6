const timeoutMs = 4000; // the API itself waits for Kafka and Redis
const away = /does not answer|lists no broker/;

/**
 * Which part of the path does not answer: `{ kafka, redis }`, each with `state` (`broken`, `slow`, or empty) and `why`; null where the
 * API does not say. `problem` is what the API said of a read that failed, for an API that shows its checks to operators only.
 */
export async function askHealth(problem) {
  try {
    const response = await fetch('/health', { signal: AbortSignal.timeout(timeoutMs), headers: { accept: 'application/json' } });
    const { checks } = await response.json();
    if (checks) return { kafka: judge(checks.kafka), redis: judge(checks.redis) };
  } catch {
    // What the problem says is all there is.
  }

  const named = ['Kafka', 'Redis'].map(name => new RegExp(`\\b${name}\\b`).test(problem ?? ''));
  if (named.every(found => found === named[0])) return null; // `Kafka or Redis` names neither
  const slow = { state: 'slow', why: problem }; // it did not answer that one question
  return { kafka: named[0] ? slow : fine, redis: named[1] ? slow : fine };
}

const fine = { state: '', why: '' };

function judge(check) {
  if (!check || check.status === 'Healthy') return fine;
  const why = check.description ?? '';
  return { state: away.test(why) || check.status === 'Unhealthy' ? 'broken' : 'slow', why };
}
