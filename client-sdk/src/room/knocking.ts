// The newcomer's side of a door: reads the sign, knocks with a pseudonym and a few words, and waits at a mailbox of its
// own for the hosts' answer, over restarts if need be. What an admission leads to is entry.ts.
import { asKey, boxKeyPair, boxPublicKey, randomBytes, type SigningKeyPair } from '../crypto/index.ts';
import { newOwnMailbox, type OwnMailbox, type RelayPin } from '../conversation/mailbox.ts';
import { type MailboxHome, OwnedMailbox } from '../conversation/owned-mailbox.ts';
import { noteBlock } from '../conversation/seen.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { ReceivedBlock, RelaySession } from '../net/index.ts';
import type { ReadView, Transaction } from '../store/index.ts';
import type { SignedCard } from './card.ts';
import { type Answer, openAnswer, openDoorSign, sealKnock, signKnock } from './knock.ts';
import type { RoomLink } from './link.ts';
import { roomIdOf } from './pseudonym.ts';
import { answerRows, ROOM_PHASES } from './record.ts';
import type { RoomHost } from './rooms.ts';
import type { RoomRunner } from './runner.ts';
import { roomPath, type RoomStep } from './step.ts';

/** @throws SottoError ROOM_GONE, ROOM_CARD_BAD, NET_… */
export async function readDoorSign(
  session: RelaySession,
  link: RoomLink,
): Promise<{ card: SignedCard; boxKey: Uint8Array; once: boolean }> {
  const handle = session.writer({ writeId: link.writeId, keySeed: asKey('signing-seed', link.writerSeed) });
  try {
    const slot = await handle.readSlot();
    if (slot === undefined) throw new SottoError('ROOM_GONE');
    return openDoorSign(link, slot.block);
  } catch (error) {
    if (hasCode(error, 'NET_LINK_DEAD')) throw new SottoError('ROOM_GONE', { cause: error });
    throw error;
  } finally {
    handle.release();
  }
}

/** Writes a knock down, with the mailbox for its answer. */
export async function writeKnock(
  step: RoomStep,
  input: {
    link: RoomLink;
    boxKey: Uint8Array;
    home: RelayPin;
    pair: SigningKeyPair;
    name: string;
    words: string;
    roomKey: Uint8Array;
  },
): Promise<void> {
  const own = newOwnMailbox(input.home, false);
  const box = boxKeyPair();
  const { relay, relayKey, writeId, writerSeed } = own;
  const paper = signKnock(
    {
      name: input.name,
      words: input.words,
      relay,
      relayKey,
      writeId,
      writerSeed,
      boxKey: box.publicKey,
    },
    roomIdOf(input.roomKey),
    input.pair,
  );
  const door = {
    writeId: input.link.writeId,
    writerSeed: input.link.writerSeed,
    boxKey: input.boxKey,
    sent: false,
    appendId: randomBytes(16),
    block: sealKnock(input.boxKey, paper),
  };
  const value = { own, boxSecret: box.secretKey, door };
  const entry = { partition: step.owner.conversationId, key: 'mailbox', value };
  await answerRows.put(step.tx, entry, { under: roomPath(step.owner) });
}

export class Knocking implements MailboxHome {
  readonly id: string;
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;
  private readonly mailbox: OwnedMailbox;
  private readonly answered: (admitted: boolean) => void;

  constructor(host: RoomHost, runner: RoomRunner, answered: (admitted: boolean) => void) {
    this.host = host;
    this.runner = runner;
    this.id = runner.id;
    this.answered = answered;
    this.mailbox = new OwnedMailbox(host, this);
  }

  /** Resolves once the knock is with the hosts. */
  async start(): Promise<void> {
    await this.mailbox.start();
    const row = await this.row();
    if (row === undefined || row.door.sent) return;
    const { writeId, writerSeed, appendId, block } = row.door;
    const writer = this.runner.session().writer({ writeId, keySeed: asKey('signing-seed', writerSeed) });
    try {
      await writer.append({ appendId, block, commitment: randomBytes(32) });
    } catch (error) {
      // A link for one person is taken away once it was used, perhaps by this very knock, whose answer comes then.
      if (!hasCode(error, 'NET_LINK_DEAD')) throw error;
    } finally {
      writer.release();
    }
    await this.runner.step(async (step) => {
      const now = await answerRows.get(step.tx, this.id, 'mailbox');
      if (now !== undefined) await this.put(step.tx, { ...now, door: { ...now.door, sent: true } });
    });
  }

  stop(): void {
    this.mailbox.stop();
  }

  prepareDeletion(): Promise<() => Promise<void>> {
    return this.mailbox.prepareDeletion();
  }

  // ── MailboxHome ──

  async load(view: ReadView): Promise<OwnMailbox | undefined> {
    return (await answerRows.get(view, this.id, 'mailbox'))?.own;
  }

  async save(tx: Transaction, change: (own: OwnMailbox) => OwnMailbox): Promise<void> {
    const row = await answerRows.get(tx, this.id, 'mailbox');
    if (row !== undefined) await this.put(tx, { ...row, own: change(row.own) });
  }

  makeBundle(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async receive(block: ReceivedBlock): Promise<void> {
    const admitted = await this.runner.step(async (step) => {
      const row = await answerRows.get(step.tx, this.id, 'mailbox');
      if (row === undefined || step.record.phase !== ROOM_PHASES.knocking) return undefined;
      const at = { personaId: this.host.personaId, ownerId: this.id };
      const seen = await noteBlock(step.tx, at, row.own, block);
      if (seen.repeat) return undefined;
      await this.put(step.tx, { ...row, own: seen.own });
      const secretKey = asKey('box-secret', row.boxSecret);
      const answer = openAnswer({ secretKey, publicKey: boxPublicKey(secretKey) }, block.block);
      return answer === undefined ? undefined : this.take(step, answer);
    });
    if (admitted === undefined) return;
    this.runner.background(async () => {
      await this.mailbox.delete();
      this.stop();
      await this.runner.step((step) => {
        answerRows.del(step.tx, this.id, 'mailbox');
        return Promise.resolve();
      });
    });
    this.answered(admitted);
  }

  private take(step: RoomStep, { admitted }: Answer): Promise<boolean> {
    step.effects.push({ type: 'state' });
    if (admitted === undefined) {
      step.record = { ...step.record, phase: ROOM_PHASES.refused };
      return Promise.resolve(false);
    }
    step.record = { ...step.record, ...admitted, phase: ROOM_PHASES.joining };
    return Promise.resolve(true);
  }

  async onReset(): Promise<void> {
    await this.host.context.vault.transact((tx) =>
      this.save(tx, ({ incarnation: _, ...own }) => ({ ...own, cursor: 0 })),
    );
  }

  private row() {
    return this.host.context.vault.read((view) => answerRows.get(view, this.id, 'mailbox'));
  }

  private put(
    tx: Transaction,
    value: NonNullable<Awaited<ReturnType<typeof answerRows.get>>>,
  ): Promise<void> {
    const owner = { personaId: this.host.personaId, conversationId: this.id };
    return answerRows.put(tx, { partition: this.id, key: 'mailbox', value }, { under: roomPath(owner) });
  }
}
