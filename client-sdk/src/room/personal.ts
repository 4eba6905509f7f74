// What I don't want to see in a room: people, words, links. Kept on this device and told to nobody; what is made of it
// when something is shown is filters.ts.
import { NO_FILTERS } from './filters.ts';
import { filterRows, memberRows } from './record.ts';
import type { RoomRunner } from './runner.ts';
import { memberOf, putMember, roomPath } from './step.ts';
import type { MemberId, RoomFilters } from './types.ts';

export class PersonalLists {
  private readonly runner: RoomRunner;
  private filters: RoomFilters = NO_FILTERS;

  constructor(runner: RoomRunner) {
    this.runner = runner;
  }

  now(): RoomFilters {
    return this.filters;
  }

  async load(): Promise<void> {
    const { runner } = this;
    const muted: MemberId[] = [];
    const blocked: MemberId[] = [];
    const lists = await runner.host.context.vault.read(async (view) => {
      for await (const { key, value } of memberRows.scan(view, runner.id)) {
        if (value.hidden === 1) muted.push(key as MemberId);
        if (value.hidden === 2) blocked.push(key as MemberId);
      }
      return filterRows.get(view, runner.id, 'filters');
    });
    const words = lists === undefined || lists.words === '' ? [] : lists.words.split('\n');
    this.filters = { muted, blocked, words, hideLinks: lists?.hideLinks ?? false };
  }

  async set(change: Partial<Pick<RoomFilters, 'words' | 'hideLinks'>>): Promise<void> {
    const words = change.words ?? this.filters.words;
    const hideLinks = change.hideLinks ?? this.filters.hideLinks;
    await this.runner.step(async (step) => {
      const value = { words: words.join('\n'), hideLinks };
      const entry = { partition: step.owner.conversationId, key: 'filters', value };
      await filterRows.put(step.tx, entry, { under: roomPath(step.owner) });
    });
    await this.load();
  }

  /** @param hidden - 0 no, 1 muted, 2 blocked. */
  async hide(pseudonym: Uint8Array, hidden: number): Promise<void> {
    await this.runner.step(async (step) => {
      await putMember(step, pseudonym, { ...(await memberOf(step, pseudonym)), hidden });
      step.effects.push({ type: 'state' });
    });
    await this.load();
  }
}
