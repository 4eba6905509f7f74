// A worker that has one long conversation and no keys: it answers the page's calls from memory, so that what is measured
// is the page. Part of the bench (main.mjs).

/** @returns {string} its source. */
export function historyWorker(count) {
  return `
const seed = new Uint8Array(32).fill(7);
const words = 'a quiet place to say what is hard to say elsewhere with no name attached and nobody in between '.split(' ');
const message = (n) => ({ id: 'm' + n, mine: n % 3 === 0, at: 1.7e12 + n * 45000, order: n, kind: 'text', reactions: [],
  text: n + ' ' + Array.from({ length: 3 + (n * 7) % 40 }, (_, i) => words[(n + i) % words.length]).join(' ') });
const answers = {
  boot: () => ({ state: 'open' }),
  history: (_id, { before, limit }) => {
    const end = before === undefined ? ${count} : Number(before.slice(1));
    const from = Math.max(0, end - limit);
    return { messages: Array.from({ length: end - from }, (_, i) => message(from + i)), more: from > 0 };
  },
};
const tell = () => postMessage({ type: 'events', events: [
  { type: 'personas', personas: [{ id: 'p', name: 'River', pictureSeed: seed, online: true, stays: false, retired: false }] },
  { type: 'conversations', conversations: [{ id: 'c', persona: 'p', name: 'Moss', pictureSeed: seed, excerpt: '', at: 1.8e12,
    unread: 0, timerSeconds: 0, state: 'open', draft: '' }] },
] });
onmessage = ({ data }) => {
  if (data.type !== 'call') return;
  postMessage({ type: 'result', id: data.id, value: answers[data.method]?.(...data.args) });
  if (data.method === 'boot') tell();
};
postMessage({ type: 'ready' });
`;
}
