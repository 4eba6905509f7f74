// What is measured of rooms, the same in Node and in a page: one room that grows to each size by joins, as rooms do, so
// that its tree is as warm as a living room's. Without relay, store or network: the group core alone, and messages once
// more as clients make and take them, with their author's proof, packet and block.
import { signContent, verifyContent } from '../../../client-sdk/src/content/author.ts';
import { CONTENT_VERSION } from '../../../client-sdk/src/content/content.ts';
import { randomBytes, randomKey, ready, signingKeyPair } from '../../../client-sdk/src/crypto/index.ts';
import { blockKeyOf, openBlock, sealBlock } from '../../../client-sdk/src/room/block.ts';
import { plainCodec } from '../../../client-sdk/src/room/control.ts';
import { PACKET_KINDS, packetCodec } from '../../../client-sdk/src/room/packet.ts';
import {
  applyCommit,
  createGroup,
  decodeGroup,
  encodeGroup,
  joinExternally,
  openApp,
  proposeUpdate,
  publicState,
  readPublicState,
  sealApp,
  signOrder,
  signRoles,
} from '../../../client-sdk/src/room/group/index.ts';
import { roomIdOf } from '../../../client-sdk/src/room/pseudonym.ts';

const person = () => signingKeyPair(randomKey('signing-seed'));
/** Messages timed together: a page's clock ticks in tenths of a millisecond, which is a quarter of a message. */
export const BATCH = 10;
const TEXT = new Uint8Array(200).fill(97);

async function newRoom(suite) {
  const roomKey = person();
  const host = person();
  const roles = signRoles(
    { revision: 1, cardHash: new Uint8Array(32), places: 200, hosts: [host.publicKey] },
    roomKey,
  );
  const order = { counter: 1, door: 'open', mode: 'open', slowSeconds: 0, banned: [], muted: [] };
  const signed = { roles, order: signOrder(order, roomIdOf(roomKey.publicKey), host) };
  return { roomKey, group: await createGroup({ roomKey, pseudonym: host, roles: signed, suite }) };
}

/** Everything that a newcomer does with the newest packet's state. */
async function join(roomKey, bytes) {
  const state = await readPublicState(bytes, { roomKey: roomKey.publicKey });
  return joinExternally({ state, pseudonym: person() });
}

async function apply(state, commit) {
  const verdict = await applyCommit(state, commit, 0);
  if (verdict.kind !== 'applied') throw new Error(`a commit was ${verdict.kind}`);
  return verdict.next;
}

const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];

/** The median of several runs, in milliseconds, and the last run's result. */
async function timed(runs, work) {
  const times = [];
  let result;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    result = await work();
    times.push(performance.now() - start);
  }
  return { ms: median(times), result };
}

/** A text as clients make and take it: with its author's proof, in a packet, in a block; all but relay and store. */
function wholeMessage(roomId) {
  const author = person();
  const key = blockKeyOf(randomBytes(32));
  let previous = new Uint8Array(32);
  let sequence = 0;
  const seal = async (group, body) => {
    sequence++;
    const content = {
      version: CONTENT_VERSION,
      id: randomBytes(16),
      stream: new Uint8Array(8),
      sequence,
      at: 1_800_000_000_000,
      type: 1,
      part: 0,
      parts: 1,
      timerSeconds: 0,
      body,
    };
    const signed = signContent(content, { conversation: roomId, epoch: 1, previous }, author);
    ({ previous } = signed);
    const sealed = await sealApp(group, plainCodec.encode({ name: 'heron', content: signed.content }));
    const packet = packetCodec.encode({ kind: PACKET_KINDS.message, message: sealed.message });
    return { next: sealed.next, message: sealBlock(key, packet) };
  };
  const open = async (group, block) => {
    const opened = await openApp(group, packetCodec.decode(openBlock(key, block)).message);
    const { content } = plainCodec.decode(opened.plaintext);
    verifyContent(content, { conversation: roomId, publicKey: author.publicKey });
    return opened;
  };
  return { seal, open };
}

/** Batches of messages from one member to another, who both move on; medians of the batches' means. */
async function talk(members, messages, { seal, open }) {
  const sending = [];
  const receiving = [];
  let bytes = 0;
  for (let i = 0; i < messages; i += BATCH) {
    const sent = [];
    const start = performance.now();
    for (let j = 0; j < BATCH; j++) {
      const sealed = await seal(members.sender, TEXT);
      members.sender = sealed.next;
      sent.push(sealed.message);
    }
    const between = performance.now();
    for (const message of sent) members.receiver = (await open(members.receiver, message)).next;
    receiving.push((performance.now() - between) / BATCH);
    sending.push((between - start) / BATCH);
    bytes = sent[0].length;
  }
  return { sendMs: median(sending), receiveMs: median(receiving), bytes };
}

async function figuresAt({ roomKey, before, size, runs, messages }) {
  const bytes = await publicState(before);
  const joining = await timed(runs, () => join(roomKey, bytes));
  const { commit: joinCommit, next: newcomer, publicState: state } = joining.result;
  const entering = await timed(runs, () => apply(before, joinCommit));
  const host = entering.result;
  const committing = await timed(runs, () => proposeUpdate(newcomer));
  const { commit, next } = committing.result;
  const processing = await timed(runs, () => apply(host, commit));

  const members = { sender: next, receiver: processing.result };
  const bare = await talk(members, messages, { seal: sealApp, open: openApp });
  const whole = await talk(members, messages, wholeMessage(roomIdOf(roomKey.publicKey)));
  const { receiver } = members;
  const encoding = await timed(runs, () => encodeGroup(receiver));
  const decoding = await timed(runs, () => decodeGroup(encoding.result));
  const figures = {
    members: size,
    joinMs: joining.ms,
    enterMs: entering.ms,
    commitMs: committing.ms,
    processMs: processing.ms,
    sendMs: bare.sendMs,
    receiveMs: bare.receiveMs,
    wholeSendMs: whole.sendMs,
    wholeReceiveMs: whole.receiveMs,
    encodeMs: encoding.ms,
    decodeMs: decoding.ms,
    joinDownBytes: bytes.length,
    joinUpBytes: joinCommit.length + state.length,
    commitBytes: commit.length,
    commitPacketBytes: commit.length + committing.result.publicState.length,
    messageBytes: bare.bytes,
    blockBytes: whole.bytes,
    storedBytes: encoding.result.length,
  };
  return { figures, host: processing.result };
}

/** @returns one row of figures per size. */
export async function measureRooms({ suite, sizes, runs, messages }) {
  await ready();
  const { roomKey, group } = await newRoom(suite);
  let host = group;
  let size = 1;
  // Once without looking, so that the first size isn't charged for compiling.
  const warm = await newRoom(suite);
  await figuresAt({ roomKey: warm.roomKey, before: warm.group, size: 2, runs: 3, messages: 300 });
  const rows = [];
  for (const wanted of sizes) {
    while (size < wanted - 1) {
      const { commit } = await join(roomKey, await publicState(host));
      host = await apply(host, commit);
      size++;
    }
    const done = await figuresAt({ roomKey, before: host, size: wanted, runs, messages });
    ({ host } = done);
    size = wanted;
    rows.push(done.figures);
  }
  return rows;
}

globalThis.measureRooms = measureRooms;
