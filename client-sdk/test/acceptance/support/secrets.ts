// Everything that a client keeps and the relay must never see. Nothing is listed by hand: all records of the vault are
// opened and taken apart field by field, so that a field added tomorrow is looked for too. Left out is only what the
// ledger says the relay sees: ids, salts and public keys of channels, append ids, sealed blocks, commitments.
import type { Client } from '../../../src/index.ts';
import { type OwnMailbox, ownMailboxCodec, type PeerMailbox } from '../../../src/conversation/mailbox.ts';
import { conversationCodec } from '../../../src/conversation/record.ts';
import { concatBytes, toHex } from '../../../src/crypto/index.ts';
import { inviteCodec } from '../../../src/invite/record.ts';
import { sealedCodec } from '../../../src/outbox/record.ts';
import { personaCodec } from '../../../src/persona/record.ts';
import { roomCodec } from '../../../src/room/record.ts';
import { openChunks } from '../../../src/store/export-format.ts';
import { decodeRecord, RecordKeys } from '../../../src/store/record-key.ts';
import type { Needles } from './needles.ts';

const NAME_KEY_BYTES = 32;
const PREFIX_BYTES = 16;
const LEAST_BYTES = 16;

interface VaultRecord {
  /** Table and partition, hashed. */
  readonly prefix: string;
  readonly key: string | number;
  readonly value: Uint8Array;
}
interface Contents {
  readonly names: RecordKeys;
  readonly records: readonly VaultRecord[];
}

/** Adds all that this client holds now. Call it often: keys are used up and forgotten. */
export async function addSecretsOf(client: Client, whose: string, needles: Needles): Promise<void> {
  const contents = await contentsOf(client);
  const seen = whatTheRelaySees(contents);
  const take = (bytes: Uint8Array): void => {
    if (bytes.length < LEAST_BYTES || seen.has(toHex(bytes))) return;
    needles.add(`${whose}: a field of ${String(bytes.length)} bytes`, bytes);
    for (const inner of fieldsOf(bytes) ?? []) take(inner);
  };
  for (const { key, value } of contents.records) {
    if (typeof key === 'string') needles.add(`${whose}: a record's name`, key);
    for (const field of fieldsOf(value) ?? [value]) take(field);
  }
}

/** The first field of every record of these tables that lie in a room's partition, with the table's name. */
export async function tablesOf(client: Client, wanted: readonly string[]): Promise<[string, Uint8Array][]> {
  const { names, records } = await contentsOf(client);
  const within = (name: string, partition: string) =>
    records.filter(({ prefix }) => prefix === toHex(names.prefix(name, partition, false)));
  return within('persona', '').flatMap(({ key: persona }) =>
    within('room', String(persona)).flatMap(({ key: room }) =>
      wanted.flatMap((name) =>
        within(name, String(room)).map(({ value }): [string, Uint8Array] => [
          name,
          fieldsOf(value)?.[0] ?? new Uint8Array(0),
        ]),
      ),
    ),
  );
}

/** One state of the whole vault, by the way of its export. */
async function contentsOf(client: Client): Promise<Contents> {
  const passphrase = 'for this test';
  const chunks: Uint8Array[] = [];
  for await (const chunk of openChunks(client.export(passphrase), passphrase)) chunks.push(chunk);
  const all = concatBytes(...chunks);
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  const records: VaultRecord[] = [];
  for (let at = NAME_KEY_BYTES; at < all.length;) {
    const keyAt = at + 7;
    const pathAt = keyAt + view.getUint8(at);
    const recordAt = pathAt + view.getUint16(at + 1);
    at = recordAt + view.getUint32(at + 3);
    const recordKey = all.slice(keyAt, pathAt);
    const prefix = toHex(recordKey.subarray(0, PREFIX_BYTES));
    records.push({ prefix, ...decodeRecord(recordKey, all.slice(recordAt, at)) });
  }
  return { names: new RecordKeys(all.slice(0, NAME_KEY_BYTES)), records };
}

/** The byte fields of a protobuf message; undefined where the bytes are none. */
function fieldsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return NaN;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (Number.isNaN(tag) || tag < 8) return undefined;
    switch (tag % 8) {
      case 0:
        if (Number.isNaN(varint())) return undefined;
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        if (!(at + length <= bytes.length)) return undefined;
        fields.push(bytes.slice(at, at + length));
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return undefined;
    }
  }
  return at === bytes.length ? fields : undefined;
}

/** What docs/ledger.md says that the relay is told, as far as a client stores it. */
function whatTheRelaySees({ names, records }: Contents): Set<string> {
  const seen = new Set<string>();
  const add = (...values: (Uint8Array | string | undefined)[]): void => {
    for (const value of values) if (value !== undefined) seen.add(toHex(Buffer.from(value)));
  };
  const addOwn = (own: OwnMailbox): void => {
    add(own.salt, own.readId, own.writeId, own.writerKey, own.incarnation, own.relayKey, own.relay);
  };
  const addPeer = (peer: PeerMailbox | undefined): void => {
    if (peer !== undefined) add(peer.writeId, peer.incarnation, peer.relayKey, peer.relay);
  };
  const table = (name: string, partition: string, ordered = false): VaultRecord[] => {
    const prefix = toHex(names.prefix(name, partition, ordered));
    return records.filter((record) => record.prefix === prefix);
  };
  for (const { key: persona, value } of table('persona', '')) {
    const { relay, relayKey } = personaCodec.decode(value);
    add(relay, relayKey);
    const conversations = table('conversation', String(persona));
    const invites = table('invite', String(persona));
    for (const record of conversations) {
      const { own, peer, former, linkId } = conversationCodec.decode(record.value);
      addOwn(own);
      addPeer(peer);
      addPeer(former);
      add(linkId);
    }
    for (const record of invites) addOwn(inviteCodec.decode(record.value).own);
    const rooms = table('room', String(persona));
    const doors: VaultRecord[] = [];
    for (const { key: room, value } of rooms) {
      const {
        readId,
        writeId,
        incarnation,
        relay: at,
        relayKey: pinned,
        ownership,
      } = roomCodec.decode(value);
      add(readId, writeId, incarnation, at, pinned, ownership?.salt);
      for (const record of table('room-door', String(room))) {
        addOwn(ownMailboxCodec.decode(fieldsOf(record.value)?.[0] ?? new Uint8Array(0)));
        doors.push(record);
      }
      for (const record of table('room-answer', String(room))) {
        const [own, , door] = fieldsOf(record.value) ?? [];
        addOwn(ownMailboxCodec.decode(own ?? new Uint8Array(0)));
        // Where the knock goes: write id, append id and block; the two seeds and keys beside them are secret.
        add(...(fieldsOf(door ?? new Uint8Array(0)) ?? []).filter(({ length }) => length !== 32));
      }
      // The packet on its way: append id, block, and the state that it leads to, which is nobody's but mine.
      for (const record of table('room-pending', String(room))) {
        add(...(fieldsOf(record.value) ?? []).slice(0, 2));
      }
      for (const record of table('room-own', String(room))) add(Buffer.from(String(record.key), 'hex'));
    }
    for (const { key: owner } of [...conversations, ...invites, ...rooms, ...doors]) {
      for (const record of table('sealed', String(owner), true)) {
        const { appendId, block, commitment, writeId } = sealedCodec.decode(record.value);
        add(appendId, block, commitment, writeId);
      }
      // Append id and block: all that a row of `slotBlocks` holds; append ids alone in `seenAppends`.
      for (const record of [...table('slot', String(owner)), ...table('seen', String(owner), true)]) {
        add(...(fieldsOf(record.value) ?? []));
      }
    }
  }
  return seen;
}
