// The process that crash.test.ts kills: works on a store with every kind of write, and reports each thing that the
// store has promised, once it has. It stops only by being killed. Arguments: the store's bundle, directory, seed.

import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';

const [bundle, dir, kind] = process.argv.slice(2);
const { openEmbeddedStore } = await import(bundle);
let skipped = 0;
const store = await openEmbeddedStore({
  dir,
  now: () => Date.now() / 1000 + skipped,
  journalBytes: 1,
  checkpointMs: 15,
  calmMs: Math.random() < 0.5 ? 0 : 30,
  limits: { mailboxBlocks: 64 },
});
const key = () => new Uint8Array(randomBytes(32));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
/** One line, in one write: what the parent has read was promised before the kill. */
const report = (what) => writeSync(1, `${JSON.stringify(what)}\n`);

async function channel(policy) {
  const spec = {
    readId: hex(randomBytes(24)),
    writeId: hex(randomBytes(24)),
    policy,
    securing: 'once',
    ttlSeconds: 0,
    ownerKey: key(),
    readerKey: key(),
    writerKey: key(),
  };
  const { grant } = await store.create(spec);
  const plain = Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : value]),
  );
  report({ did: 'create', spec: plain, incarnation: hex(grant.incarnation) });
  return {
    spec,
    owner: grant,
    reader: await store.grant('reader', spec.readId, spec.readerKey),
    writer: await store.grant('writer', spec.writeId, spec.writerKey),
  };
}

/** Said before: from here on the blocks may be gone. */
async function ack(made, items) {
  report({ did: 'acking', id: made.spec.readId, sequences: items.map(({ sequence }) => sequence) });
  await store.ack(made.reader, items);
}

/** The block is made from its append id, so that the parent knows what it must be. */
function request(ordered) {
  const appendId = new Uint8Array(randomBytes(16));
  const block = new Uint8Array(3968);
  for (let at = 0; at < block.length; at += 16) block.set(appendId, at);
  return {
    appendId,
    block,
    commitment: new Uint8Array(32).fill(appendId[0]),
    ...(ordered ? { ordered } : {}),
  };
}

async function append(made, ordered) {
  const one = request(ordered);
  const { sequence, durable } = await store.append(ordered ? made.owner : made.writer, one);
  return { sequence, appendId: one.appendId, durable };
}

const acts = {
  async append(made) {
    const sent = await Promise.all(Array.from({ length: 3 }, () => append(made)));
    await sent.at(-1).durable;
    for (const { sequence, appendId } of sent)
      report({ did: 'append', id: made.spec.readId, sequence, appendId: hex(appendId) });
    return sent;
  },
  async ack(made) {
    const sent = await acts.append(made);
    // One acked when durable, one acked before: both are promised once the next append is.
    const early = await append(made);
    await ack(made, [sent[0], early]);
    const later = await append(made);
    await later.durable;
    report({ did: 'append', id: made.spec.readId, sequence: early.sequence, appendId: hex(early.appendId) });
    report({ did: 'append', id: made.spec.readId, sequence: later.sequence, appendId: hex(later.appendId) });
    report({ did: 'ack', id: made.spec.readId, sequences: [sent[0].sequence, early.sequence] });
    await ack(made, [sent[1], sent[2], later]);
  },
  async ordered() {
    const made = await channel('log');
    let expect = 0;
    for (let n = 0; n < 4; n++) {
      await acts.append(made);
      const writerKey = key();
      const readerKey = key();
      const { sequence, appendId, durable } = await append(made, {
        expect,
        change: { writerKey, readerKey },
      });
      await durable;
      expect = sequence;
      report({
        did: 'ordered',
        id: made.spec.readId,
        sequence,
        appendId: hex(appendId),
        writerKey: hex(writerKey),
        readerKey: hex(readerKey),
      });
      made.writer = await store.grant('writer', made.spec.writeId, writerKey);
      made.reader = await store.grant('reader', made.spec.readId, readerKey);
    }
  },
  async secure() {
    const made = await channel('mailbox');
    const writerKey = key();
    await store.secure(made.writer, writerKey);
    report({ did: 'secure', id: made.spec.readId, writerKey: hex(writerKey) });
  },
  async delete() {
    const made = await channel('log');
    await acts.append(made);
    report({ did: 'deleting', id: made.spec.readId });
    await store.delete(made.owner);
    report({ did: 'delete', id: made.spec.readId });
  },
  async claim() {
    const made = await channel('pool');
    const sent = await acts.append(made);
    const claimed = await store.claim(made.reader, 600);
    report({ did: 'claim', id: made.spec.readId, sequence: claimed.sequence, until: claimed.leasedUntil });
    await store.withdraw(made.writer, sent[2].appendId);
    report({ did: 'ack', id: made.spec.readId, sequences: [sent[2].sequence] });
  },
  async sweep() {
    const made = await channel('pool');
    await acts.append(made);
    skipped += 3600;
    await store.sweep();
    report({ did: 'sweep', id: made.spec.readId, skipped });
  },
};

const shared = await channel('mailbox');
report({ did: 'ready' });
for (;;) {
  const act = kind === 'all' ? Object.keys(acts)[Math.floor(Math.random() * Object.keys(acts).length)] : kind;
  await Promise.all([acts[act](shared), kind === 'all' ? acts.ack(shared) : undefined]);
  const { head, floor } = await store.bounds(shared.reader);
  if (head - floor > 20) await ack(shared, await store.read(shared.reader, 0, 20));
}
