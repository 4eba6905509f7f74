// Counts every message by identity. A message's text is its identity: "<sender> <number>". What a client's history
// holds at the end is the truth; events are compared with it.

/**
 * @param options sent: texts in the order they were sent; history: the receiver's messages (text each), oldest first;
 *   events: the receiver's `message` events of all its lives.
 * @returns { sent, delivered, lost, doubled, outOfOrder, missing: texts }
 */
export function tally({ sent, history, events }) {
  const wanted = new Map(sent.map((text, i) => [text, i]));
  const seen = new Map();
  let outOfOrder = 0;
  let last = -1;
  for (const { text } of history) {
    const index = wanted.get(text);
    if (index === undefined) continue;
    seen.set(text, (seen.get(text) ?? 0) + 1);
    if (index < last) outOfOrder++;
    last = Math.max(last, index);
  }
  const told = new Map();
  for (const { id } of events) told.set(id, (told.get(id) ?? 0) + 1);
  const missing = sent.filter((text) => !seen.has(text));
  const doubledShown = [...seen.values()].reduce((sum, n) => sum + n - 1, 0);
  const doubledTold = [...told.values()].reduce((sum, n) => sum + n - 1, 0);
  return {
    sent: sent.length,
    delivered: seen.size,
    lost: missing.length,
    doubled: doubledShown + doubledTold,
    outOfOrder,
    missing,
  };
}

/** Adds two tallies up. */
export function addTallies(a, b) {
  return {
    sent: a.sent + b.sent,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    outOfOrder: a.outOfOrder + b.outOfOrder,
    missing: [...a.missing, ...b.missing],
  };
}
