// A room's attachments: what sending and fetching files asks of it (attachment/). Spills are made under the right to
// write that all members share, so that the relay's data never says whose they are, and their refs are said inside the
// group: whoever was removed before learns of none. Not its concern: the transfers themselves, what may be said (conduct.ts).
import { ATTACHMENT_TYPE, encodeAttachment } from '../attachment/body.ts';
import { Files } from '../attachment/files.ts';
import type { Transfer } from '../attachment/home.ts';
import { FILE_PHASES, files, putFile } from '../attachment/record.ts';
import { fromHex, toHex } from '../crypto/index.ts';
import { hasCode, SottoError } from '../errors.ts';
import type { Cursor, MessageId } from '../history/message.ts';
import { DELIVERY } from '../history/record.ts';
import { addLine, blankLine, findLine, putLine, removeLine } from '../history/write.ts';
import { deleteSpill } from '../spill/write.ts';
import type { RoomHost } from './rooms.ts';
import type { RoomRunner } from './runner.ts';
import { enqueueFile } from './say.ts';

export interface RoomFilesSetup {
  readonly host: RoomHost;
  readonly runner: RoomRunner;
  /** @throws SottoError ROOM_… while a file may not be said here by me. */
  readonly needVoice: () => void;
  readonly tell: (transfer: Transfer) => void;
}

export class RoomFiles {
  readonly files: Files;
  private readonly host: RoomHost;
  private readonly runner: RoomRunner;

  constructor({ host, runner, needVoice, tell }: RoomFilesSetup) {
    this.host = host;
    this.runner = runner;
    this.files = new Files({
      owner: { personaId: host.personaId, conversationId: runner.id },
      context: host.context,
      stopped: host.stopped,
      reader: 'one-of-many',
      ttlSeconds: () => runner.record().ttlSeconds,
      lend: () => {
        const against = runner.isReading ? runner.outbox.right() : undefined;
        return Promise.resolve(against && { session: runner.session(), against });
      },
      // Where the room is: a ref that names another place would lead members' devices there.
      sessionFor: () => Promise.resolve(runner.session()),
      announce: async (id, raw, plan) => {
        needVoice();
        const encoded = { type: ATTACHMENT_TYPE, bytes: raw };
        const said = await runner.step((step) => enqueueFile(step, fromHex(id), encoded, plan));
        if (said) runner.outbox.wake();
        return said;
      },
      markHere: (id) => this.markHere(id),
      tell,
      trouble: (error) => {
        // A removal changed the key to write; the next try has the new one.
        if (!hasCode(error, 'NET_LINK_DEAD')) host.trouble(error);
      },
    });
  }

  start(): void {
    this.runner.background(async () => {
      await this.files.tidy();
      this.files.start();
    });
  }

  /** Gives a file that was taken in its line; it is said once the relay has it whole. */
  async add(taken: Awaited<ReturnType<Files['take']>>): Promise<void> {
    const { contentId, body, plan, at } = taken;
    const id = toHex(contentId);
    await this.files.taken(id, () =>
      this.runner.step(async (step) => {
        const line = {
          ...blankLine('attachment', contentId, step.nowMs),
          mine: true,
          number: 1,
          delivery: DELIVERY.waiting,
          author: this.runner.me.publicKey,
          authorName: step.record.name,
          raw: encodeAttachment(body),
        };
        step.record = (await addLine(step.tx, step.owner, step.record, line)).record;
        await putFile(step.tx, step.owner, id, { phase: FILE_PHASES.sending, at, plan, blocks: 0 });
      }),
    );
    this.files.uploads.wake();
  }

  /** @returns the place of the line that is gone. @throws SottoError CONTENT_TARGET: not mine, or said already. */
  async cancel(id: MessageId): Promise<Cursor> {
    const record = await this.host.context.vault.read((view) => files.get(view, this.runner.id, id));
    if (record?.phase !== FILE_PHASES.sending) throw new SottoError('CONTENT_TARGET');
    const forgetSpill = await this.spillOf(id);
    await this.files.uploads.cancel(id);
    const place = await this.runner.step(async (step) => {
      const now = await files.get(step.tx, this.runner.id, id);
      const found = await findLine(step.tx, this.runner.id, fromHex(id));
      if (found === undefined || now?.phase !== FILE_PHASES.sending) return undefined;
      await removeLine(step.tx, step.owner, found);
      return found.position as Cursor;
    });
    if (place === undefined) throw new SottoError('CONTENT_TARGET');
    forgetSpill?.();
    return place;
  }

  /** What removes a spill of mine at the relay, while its keys are still here. */
  async spillOf(id: string): Promise<(() => void) | undefined> {
    const record = await this.host.context.vault.read((view) => files.get(view, this.runner.id, id));
    const plan = record?.plan;
    if (plan === undefined) return undefined;
    return () => {
      this.runner.background(async () => {
        await this.files.uploads.cancel(id);
        await deleteSpill(this.runner.session(), plan);
      });
    };
  }

  private async markHere(id: MessageId): Promise<void> {
    await this.runner.step(async (step) => {
      const found = await findLine(step.tx, this.runner.id, fromHex(id));
      if (found === undefined) return;
      await putLine(step.tx, step.owner, found.position, { ...found.line, number: 1 });
      step.effects.push({ type: 'changed', position: found.position });
    });
  }
}
