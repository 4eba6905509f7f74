// All sessions with one peer device: the current one and up to 40 archived ones. Spec: docs/ratchet.md sections 8, 9.1.
// Archived states stay encoded until a message needs them. Not here: how a message finds its session (receive.ts).
import { BinaryError, BinaryReader, BinaryWriter } from '../binary.ts';
import type { Bytes } from '../bytes.ts';
import { EMPTY, equal } from '../bytes.ts';
import { genericError, invalidSession } from '../errors.ts';
import type { PublicKey } from '../keys/ec-keys.ts';
import { decodeState, encodeState, writeState } from './codec.ts';
import type { SessionState } from './state.ts';

/** Archived states kept; one more drops the oldest. */
export const MAX_ARCHIVED = 40;
/** How long a session that nobody answered may be used for sending. */
const UNANSWERED_LIMIT_SECONDS = 30 * 24 * 60 * 60;

/** 00 can't begin a protobuf message: libsignal's records and ours refuse each other at the first byte. */
const MAGIC = new Uint8Array([0x00, 0x53, 0x52]);
const FORMAT_VERSION = 1;

/** The sessions with a peer. A new or emptied record has none. */
export class SessionRecord {
  #current: SessionState | undefined;
  /** Newest first. */
  #archived: readonly Bytes[];

  private constructor(current: SessionState | undefined, archived: readonly Bytes[]) {
    this.#current = current;
    this.#archived = archived;
  }

  /** Not part of libsignal's surface. */
  static _empty(): SessionRecord {
    return new SessionRecord(undefined, []);
  }

  /**
   * Reads what `serialize` wrote; no bytes at all are a record without sessions.
   * @throws LibSignalErrorBase InvalidSession for anything else.
   */
  static deserialize(buffer: Uint8Array): SessionRecord {
    if (buffer.length === 0) return SessionRecord._empty();
    const operation = 'SessionRecord_Deserialize';
    try {
      const reader = new BinaryReader(new Uint8Array(buffer));
      if (!equal(reader.fixed(MAGIC.length), MAGIC)) throw new BinaryError('not a record of this package');
      if (reader.u8() !== FORMAT_VERSION) throw new BinaryError('format version');
      const current = reader.flag() ? decodeState(reader.sized()) : undefined;
      const count = reader.u8();
      if (count > MAX_ARCHIVED) throw new BinaryError('archived states');
      // A record of nothing is no bytes at all: there is one form of each.
      if (current === undefined && count === 0) throw new BinaryError('nothing in it');
      const archived = reader.list(count, () => reader.sized());
      reader.end();
      return new SessionRecord(current, archived);
    } catch (cause) {
      if (!(cause instanceof BinaryError)) throw cause;
      throw invalidSession(operation, cause.message);
    }
  }

  serialize(): Bytes {
    if (!this.#current && this.#archived.length === 0) return EMPTY.slice();
    const writer = new BinaryWriter();
    writer.fixed(MAGIC);
    writer.u8(FORMAT_VERSION);
    const current = this.#current;
    writer.u8(current ? 1 : 0);
    if (current) writer.sizedBy(() => writeState(writer, current));
    writer.u8(this.#archived.length);
    for (const state of this.#archived) writer.sized(state);
    return writer.finish();
  }

  /** Puts the current session, if any, among the archived ones: sending needs a new one, late messages still open. */
  archiveCurrentState(): void {
    if (!this.#current) return;
    // Whoever is archived never announces itself again
    const archived = encodeState({ ...this.#current, pending: undefined });
    this.#archived = [archived, ...this.#archived].slice(0, MAX_ARCHIVED);
    this.#current = undefined;
  }

  /** @throws LibSignalErrorBase Generic without a current session. */
  localRegistrationId(): number {
    return this.#required('SessionRecord_GetLocalRegistrationId').localRegistrationId;
  }

  /** @throws LibSignalErrorBase Generic without a current session. */
  remoteRegistrationId(): number {
    return this.#required('SessionRecord_GetRemoteRegistrationId').remoteRegistrationId;
  }

  #required(operation: string): SessionState {
    if (!this.#current) throw genericError(operation, 'session not found');
    return this.#current;
  }

  /** Whether the current session can be used to send at `now`. */
  hasCurrentState(now: Date = new Date()): boolean {
    return this._sendable(now) !== undefined;
  }

  /** Whether `key` is the ratchet key that we currently send with. */
  currentRatchetKeyMatches(key: PublicKey): boolean {
    return this.#current !== undefined && equal(this.#current.sending.publicKey, key.serialize());
  }

  /** The current session unless it has waited too long for an answer. */
  _sendable(now: Date): SessionState | undefined {
    const pending = this.#current?.pending;
    if (pending && pending.createdSeconds + UNANSWERED_LIMIT_SECONDS < Math.floor(now.getTime() / 1000))
      return undefined;
    return this.#current;
  }

  _current(): SessionState | undefined {
    return this.#current;
  }

  _archivedCount(): number {
    return this.#archived.length;
  }

  /** @throws LibSignalErrorBase InvalidSession when what is stored can't be read. */
  _archivedAt(index: number): SessionState {
    try {
      return decodeState(this.#archived[index]!);
    } catch (cause) {
      if (!(cause instanceof BinaryError)) throw cause;
      throw invalidSession('SessionRecord_Deserialize', cause.message);
    }
  }

  /** A record in which the current session has moved on. */
  _withCurrent(state: SessionState): SessionRecord {
    return new SessionRecord(state, this.#archived);
  }

  /** A record in which `state` is current and the one before it archived. */
  _withNew(state: SessionState): SessionRecord {
    const record = new SessionRecord(this.#current, this.#archived);
    record.archiveCurrentState();
    record.#current = state;
    return record;
  }

  /** A record in which the archived session at `index` is current, as `state`, and the one before it archived. */
  _withPromoted(index: number, state: SessionState): SessionRecord {
    const others = this.#archived.filter((_, i) => i !== index);
    return new SessionRecord(this.#current, others)._withNew(state);
  }
}
