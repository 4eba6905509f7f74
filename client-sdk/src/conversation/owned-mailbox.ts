// Keeps one mailbox of mine working: makes it, publishes its bundle, reads it, makes it again after the relay lost its
// store, replaces its keys after an import, and notices when they were replaced by someone else: then this copy was
// moved elsewhere. What its blocks mean is the home's concern (a conversation or an invite).
import { asKey, randomBytes, randomKey, signingKeyPair } from '../crypto/index.ts';
import { Backoff, type Host, pause } from '../context.ts';
import { hasCode } from '../errors.ts';
import {
  type ChannelReset,
  NetRefusal,
  type OwnerHandle,
  type ReaderHandle,
  type ReceivedBlock,
  type RelaySession,
} from '../net/index.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import { conversationPath } from './record.ts';
import { type OwnMailbox, positionOf, slotBlocks, specOf } from './mailbox.ts';

/** Where a mailbox's record lives, and who understands its blocks. */
export interface MailboxHome {
  /** Hex id of the conversation or invite. */
  readonly id: string;
  load(view: ReadView): Promise<OwnMailbox | undefined>;
  save(tx: Transaction, change: (own: OwnMailbox) => OwnMailbox): Promise<void>;
  /** Makes a bundle's keys and returns its sealed block; undefined where none may be published yet. */
  makeBundle(tx: Transaction, own: OwnMailbox): Promise<Uint8Array | undefined>;
  receive(block: ReceivedBlock): Promise<void>;
  /** The relay is not as remembered. */
  onReset(reset: ChannelReset): Promise<void>;
}

/** Runs from `start` to `stop`. */
export class OwnedMailbox {
  private readonly host: Host;
  private readonly home: MailboxHome;
  private reader: ReaderHandle | undefined;
  private owner: OwnerHandle | undefined;
  private work: Promise<void> = Promise.resolve();
  private recovering = false;
  private remadeInVain = false;
  private stopped = false;

  constructor(host: Host, home: MailboxHome) {
    this.host = host;
    this.home = home;
  }

  /** Resolves once the relay has the mailbox and its bundle, and reading has begun. */
  start(): Promise<void> {
    return this.enqueue(async () => {
      const own = await this.own();
      if (own === undefined) return;
      if (own.nextOwnerSeed !== undefined) await this.replaceKeys(own);
      if (!own.made) await this.make(own);
      await this.read();
      await this.publish();
    });
  }

  /** The slot is not as we left it: publishes a fresh bundle. */
  async republish(): Promise<void> {
    await this.save((own) => ({ ...own, bundleAt: 0 }));
    await this.refresh();
  }

  /** Publishes a bundle where one is due. */
  refresh(): Promise<void> {
    return this.enqueue(() => this.publish());
  }

  stop(): void {
    this.stopped = true;
    this.reader?.release();
    this.reader = undefined;
    this.dropOwner();
  }

  /** Removes the mailbox from the relay. */
  async delete(): Promise<void> {
    await (
      await this.prepareDeletion()
    )();
  }

  /** Opens the right to delete while the keys are there; the returned function uses it later. */
  async prepareDeletion(): Promise<() => Promise<void>> {
    const own = await this.own();
    if (own?.made !== true || this.host.stopped.aborted) return () => Promise.resolve();
    const handle = this.ownerHandle(own);
    return () => {
      // Its end must not be taken for a loss, after which it would be made again.
      this.stopped = true;
      this.reader?.release();
      this.reader = undefined;
      return handle.delete();
    };
  }

  private session(own: OwnMailbox): RelaySession {
    return this.host.session(own, this.home.id);
  }

  private own(): Promise<OwnMailbox | undefined> {
    return this.host.context.vault.read((view) => this.home.load(view));
  }

  private save(change: (own: OwnMailbox) => OwnMailbox): Promise<void> {
    return this.host.context.vault.transact((tx) => this.home.save(tx, change));
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    const run = this.work.then(async () => {
      if (!this.stopped) await task();
    });
    this.work = run.catch(() => undefined);
    return run;
  }

  private ownerHandle(own: OwnMailbox): OwnerHandle {
    this.owner ??= this.session(own).owner({
      readId: own.readId,
      keySeed: asKey('signing-seed', own.ownerSeed),
    });
    return this.owner;
  }

  /** A connection has few handles: the owner's is given back after each use. */
  private dropOwner(): void {
    this.owner?.release();
    this.owner = undefined;
  }

  private async make(own: OwnMailbox): Promise<void> {
    const created = await this.session(own).create(specOf(own));
    await this.save((now) => ({
      ...now,
      made: true,
      incarnation: created.incarnation,
      ...(created.existed ? {} : { cursor: 0, slotSequence: 0, ownerSeed: now.originSeed }),
    }));
    if (!created.existed) await this.unpublish();
  }

  /** The slot is empty again: what we have is to be published anew. */
  private async unpublish(): Promise<void> {
    await this.host.context.vault.transact(async (tx) => {
      const slot = await slotBlocks.get(tx, this.home.id, 'slot');
      if (slot !== undefined) await this.putSlot(tx, { ...slot, published: false });
    });
  }

  private putSlot(tx: Transaction, value: { appendId: Uint8Array; block: Uint8Array; published: boolean }) {
    const under = conversationPath(this.host.personaId, this.home.id);
    return slotBlocks.put(tx, { partition: this.home.id, key: 'slot', value }, { under });
  }

  private async publish(): Promise<void> {
    const due = await this.host.context.vault.transact(async (tx) => {
      const own = await this.home.load(tx);
      if (own?.made !== true) return undefined;
      const slot = await slotBlocks.get(tx, this.home.id, 'slot');
      if (slot !== undefined && !slot.published) return { own, slot };
      const { now, pace } = this.host.context;
      if (slot !== undefined && now() < own.bundleAt * 1_000 + pace.rotateMs) return undefined;
      const block = await this.home.makeBundle(tx, own);
      if (block === undefined) return undefined;
      const made = { appendId: randomBytes(16), block, published: false };
      await this.putSlot(tx, made);
      await this.home.save(tx, (before) => ({ ...before, bundleAt: Math.floor(now() / 1_000) }));
      return { own, slot: made };
    });
    if (due === undefined) return;
    const sequence = await this.putIntoSlot(due.own, due.slot);
    await this.host.context.vault.transact(async (tx) => {
      await this.putSlot(tx, { ...due.slot, published: true });
      await this.home.save(tx, (own) => ({ ...own, slotSequence: sequence }));
    });
  }

  private async putIntoSlot(
    own: OwnMailbox,
    slot: { appendId: Uint8Array; block: Uint8Array },
  ): Promise<number> {
    let expect = own.slotSequence;
    for (;;) {
      try {
        const input = { appendId: slot.appendId, block: slot.block, commitment: randomBytes(32), expect };
        const { sequence } = await this.ownerHandle(own).orderedAppend(input);
        this.dropOwner();
        return sequence;
      } catch (error) {
        // The owner alone writes the slot: a newer value is one of ours whose answer was lost.
        if (!(error instanceof NetRefusal) || error.code !== 'NET_STALE' || error.current === expect)
          throw error;
        expect = error.current;
      }
    }
  }

  private async read(): Promise<void> {
    const own = await this.own();
    if (own === undefined || this.stopped || this.reader !== undefined) return;
    const after = positionOf(own.incarnation, own.cursor);
    this.reader = this.session(own).reader({
      readId: own.readId,
      keySeed: asKey('signing-seed', own.readerSeed),
      policy: 'mailbox',
      ...(after === undefined ? {} : { after }),
      onBlock: (block) => this.home.receive(block),
      onReset: (reset) => {
        this.home.onReset(reset).catch((error: unknown) => {
          this.host.trouble(error);
        });
      },
      onStatus: (status) => {
        if (status.state === 'active') this.remadeInVain = false;
        if (status.state === 'dead') void this.recover(status.error);
        if (status.state === 'stuck') void this.readAgainLater(status.error);
      },
    });
  }

  /** What couldn't be stored may find room later; whoever is left unread until the next start knows nothing of it. */
  private async readAgainLater(error: unknown): Promise<void> {
    const { pace } = this.host.context;
    this.host.trouble(error);
    await pause(pace.retryMaxMs * (0.5 + Math.random()), this.host.stopped).catch(() => undefined);
    if (!this.stopped && !this.host.stopped.aborted) this.reader?.retry();
  }

  /** The relay says that there is no such channel for this key: it lost it, or the keys were replaced. */
  private async recover(error: unknown): Promise<void> {
    if (this.recovering || this.stopped || !hasCode(error, 'NET_LINK_DEAD')) return;
    this.recovering = true;
    const backoff = new Backoff(this.host.context.pace);
    try {
      for (;;) {
        try {
          await this.remake();
          return;
        } catch (cause) {
          if (hasCode(cause, 'NET_CLOSED') || hasCode(cause, 'NET_BLOCKED')) return;
          await pause(backoff.nextMs(), this.host.stopped);
        }
      }
    } catch {
      // Stopped while pausing.
    } finally {
      this.recovering = false;
    }
  }

  private async remake(): Promise<void> {
    const own = await this.own();
    if (own === undefined) return;
    let existed: boolean;
    try {
      existed = (await this.session(own).create(specOf(own))).existed;
    } catch (error) {
      if (!hasCode(error, 'NET_LINK_DEAD')) throw error;
      existed = true;
    }
    // Once may be the echo of our own making; twice means that it is there, and not ours any more.
    if (existed && this.remadeInVain) {
      this.host.moved();
      return;
    }
    this.remadeInVain = existed;
    if (!existed) {
      // Made anew, it belongs to the key from which its ids follow.
      await this.save((now) => ({ ...now, slotSequence: 0, ownerSeed: now.originSeed }));
      await this.unpublish();
      this.dropOwner();
      void this.refresh().catch((error: unknown) => {
        this.host.trouble(error);
      });
    }
    this.reader?.retry();
  }

  /** An import is a move: new owner and reader keys, written down before the relay hears of them. */
  private async replaceKeys(own: OwnMailbox): Promise<void> {
    const { nextOwnerSeed, nextReaderSeed } = own;
    if (nextOwnerSeed === undefined || nextReaderSeed === undefined) return;
    const change = {
      ownerSeed: asKey('signing-seed', nextOwnerSeed),
      readerKey: signingKeyPair(asKey('signing-seed', nextReaderSeed)).publicKey,
    };
    try {
      if (own.made) await this.ownerHandle(own).changeKeys(change);
    } catch (error) {
      // Perhaps it was done already, and the answer lost: then the new keys hold, and reading will show it.
      if (!hasCode(error, 'NET_LINK_DEAD')) throw error;
    }
    this.dropOwner();
    await this.save(({ nextOwnerSeed: _o, nextReaderSeed: _r, ...now }) => ({
      ...now,
      ownerSeed: nextOwnerSeed,
      readerSeed: nextReaderSeed,
    }));
  }
}

/** Marks a mailbox for new keys. */
export function withFreshKeys(own: OwnMailbox): OwnMailbox {
  return { ...own, nextOwnerSeed: randomKey('signing-seed'), nextReaderSeed: randomKey('signing-seed') };
}
