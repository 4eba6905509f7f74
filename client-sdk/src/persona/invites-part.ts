// A persona's invites: made, listed, kept fresh while it is online, withdrawn. What one invite does is the runner's.
import { forgetInvite } from '../conversation/forget.ts';
import type { RelayPin } from '../conversation/mailbox.ts';
import { type Attribution, KINDS } from '../conversation/record.ts';
import { prepareInvite } from '../invite/create.ts';
import { type InviteHost, InviteRunner } from '../invite/invite-runner.ts';
import { INVITE_STATES, type InviteRecord, invites } from '../invite/record.ts';
import type { Transaction } from '../store/index.ts';
import { within } from './patience.ts';
import type { Invite } from './types.ts';

const ROTATION_CHECK_MS = 3_600_000;

/** A link that was just made, and can be used. */
export interface MadeInvite {
  readonly id: string;
  readonly link: string;
  revoke(): Promise<void>;
}

export interface InviteOrder {
  readonly kind: 'once' | 'standing';
  readonly pin: RelayPin;
  readonly origin: string;
  readonly ownName: string;
  readonly attribution?: Attribution;
}

export class InvitesPart {
  private readonly host: InviteHost;
  private readonly quietly: (work: Promise<unknown>) => void;
  private readonly runners = new Map<string, InviteRunner>();
  private rotation: unknown;

  /** @param quietly - runs work that nobody waits for; its failure is reported. */
  constructor(host: InviteHost, quietly: (work: Promise<unknown>) => void) {
    this.host = host;
    this.quietly = quietly;
  }

  /** Goes online: completes what was begun, listens for newcomers, publishes fresh keys in time. */
  async start(stopped: AbortSignal): Promise<void> {
    await this.load();
    if (stopped.aborted) return;
    this.rotation = setInterval(() => {
      for (const runner of this.runners.values()) this.quietly(runner.refresh());
    }, ROTATION_CHECK_MS);
    (this.rotation as { unref?: () => void }).unref?.();
    for (const runner of this.runners.values()) this.quietly(runner.start());
  }

  stop(): void {
    clearInterval(this.rotation as ReturnType<typeof setInterval>);
    for (const runner of this.runners.values()) runner.stop();
    this.runners.clear();
  }

  /** Those that may still be used, oldest first. */
  async list(): Promise<Invite[]> {
    const { context, personaId } = this.host;
    const found: Invite[] = [];
    await context.vault.read(async (view) => {
      for await (const { key, value } of invites.scan(view, personaId)) {
        if (value.state <= INVITE_STATES.open) found.push(this.toInvite(key, value));
      }
    });
    return found.sort((a, b) => a.createdAt - b.createdAt);
  }

  /** Resolves once the link can be used. @throws SottoError NET_UNREACHABLE: it is completed later. */
  async make(order: InviteOrder): Promise<MadeInvite> {
    const { context, personaId } = this.host;
    const { id, link } = await prepareInvite(context, { personaId, ...order });
    const runner = new InviteRunner(this.host, id);
    this.runners.set(id, runner);
    await within(context.pace.patienceMs, runner.start());
    return { id, link, revoke: () => this.revoke(id) };
  }

  /** For burning: what the relay keeps is deleted by what is returned, after the keys here are gone. */
  async prepareDeletions(): Promise<(() => Promise<void>)[]> {
    const deletions: (() => Promise<void>)[] = [];
    for (const runner of this.runners.values()) deletions.push(await runner.prepareDeletion());
    return deletions;
  }

  /** For burning: every row of every invite, inside the transaction that erases the persona's key. */
  async forgetAll(tx: Transaction): Promise<void> {
    const ids: string[] = [];
    for await (const { key } of invites.scan(tx, this.host.personaId)) ids.push(key);
    for (const id of ids) await forgetInvite(tx, this.host.personaId, id);
  }

  private async load(): Promise<void> {
    const { context, personaId } = this.host;
    const used: string[] = [];
    await context.vault.read(async (view) => {
      for await (const { key, value } of invites.scan(view, personaId)) {
        if (value.state === INVITE_STATES.used) used.push(key);
        if (value.state === INVITE_STATES.used) continue;
        const runner = new InviteRunner(this.host, key);
        // Withdrawn, and killed before the relay heard of it.
        if (value.state === INVITE_STATES.revoked) this.quietly(runner.revoke());
        else this.runners.set(key, runner);
      }
    });
    // Their mailboxes belong to conversations now; nothing of the invite is needed any more.
    for (const id of used) await context.vault.transact((tx) => forgetInvite(tx, personaId, id));
  }

  private toInvite(id: string, value: InviteRecord): Invite {
    return {
      id,
      kind: value.kind === KINDS.standing ? 'standing' : 'once',
      link: value.link,
      createdAt: value.createdAt,
      ...(value.expires === 0 ? {} : { expiresAt: value.expires * 1_000 }),
      revoke: () => this.revoke(id),
    };
  }

  private async revoke(id: string): Promise<void> {
    const runner = this.runners.get(id) ?? new InviteRunner(this.host, id);
    this.runners.delete(id);
    await runner.revoke();
  }
}
