// A version names the state of an answer: `<epoch>-<partition>-<position>` of one partition, or `<epoch>-<hash>-<p0>-<p1>-…` of all.
// An event's id is one of the latter kind.

/** True where an answer of this version already has what the event with this id brought. */
export function includes(version, id) {
  const answer = parse(version), event = parse(id);
  if (!answer || !event || answer.epoch !== event.epoch) return false;
  if (answer.partition !== null) return position(event, answer.partition) <= answer.positions[0];
  return event.positions.every((reached, partition) => reached <= position(answer, partition));
}

function position(version, partition) {
  return version.positions[partition] ?? Infinity;
}

function parse(version) {
  const [epoch, second, ...rest] = version?.split('-') ?? [];
  if (rest.length === 0) return null;
  const ofAll = second.length === 8; // the topic's hash
  return { epoch, partition: ofAll ? null : Number(second), positions: rest.map(text => (text === 'n' ? 0 : Number(text))) };
}
