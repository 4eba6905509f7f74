// A persona's rooms, loaded when the first one is needed: whoever has none never loads the group protocol.
import type { Vault } from '../store/index.ts';
import { rooms as roomTable } from '../room/record.ts';
import { directories, seenDirectories } from '../topics/record.ts';
import type { Room } from '../room/room.ts';
import type { RoomHostBase, Rooms } from '../room/rooms.ts';
import type { Topics } from '../topics/topics.ts';
import type { Transaction } from '../store/index.ts';

export class RoomPart {
  private readonly host: RoomHostBase;
  private readonly changed: (room: Room) => void;
  private loading: Promise<Rooms> | undefined;
  private loaded: Rooms | undefined;
  private online = false;

  constructor(host: RoomHostBase, changed: (room: Room) => void) {
    this.host = host;
    this.changed = changed;
  }

  /** All of it. */
  async rooms(): Promise<Rooms> {
    this.loading ??= import('../room/rooms.ts').then((module) => new module.Rooms(this.host, this.changed));
    const made = await this.loading;
    if (this.loaded === undefined) {
      this.loaded = made;
      if (this.online) await made.start();
    }
    return made;
  }

  /** Directories. */
  async topics(): Promise<Topics> {
    const rooms = await this.rooms();
    const { Topics: Made } = await import('../topics/topics.ts');
    return new Made(rooms.host, rooms);
  }

  async list(): Promise<Room[]> {
    if (this.loaded === undefined && !(await this.any())) return [];
    return (await this.rooms()).list();
  }

  async start(): Promise<void> {
    this.online = true;
    if (this.loaded !== undefined) await this.loaded.start();
    else if (await this.any()) await this.rooms();
  }

  stop(): void {
    this.online = false;
    this.loaded?.stop();
  }

  end(): void {
    this.online = false;
    this.loaded?.end();
    this.loaded = undefined;
    this.loading = undefined;
  }

  async retire(): Promise<void> {
    if (await this.any()) await (await this.rooms()).retire();
  }

  async prepareDeletions(): Promise<(() => Promise<void>)[]> {
    return this.loaded === undefined ? [] : this.loaded.prepareDeletions();
  }

  /** For burning: every row of every room, inside the transaction that erases the persona's key. */
  async forgetAll(tx: Transaction): Promise<void> {
    const ids: string[] = [];
    for await (const { key } of roomTable.scan(tx, this.host.personaId)) ids.push(key);
    for (const table of [directories, seenDirectories]) await tx.clear(table, this.host.personaId);
    if (ids.length === 0) return;
    const { forgetRoom } = await import('../room/rooms.ts');
    for (const id of ids) await forgetRoom(tx, this.host.personaId, id);
  }

  private async any(): Promise<boolean> {
    const vault: Vault = this.host.context.vault;
    return vault.read(async (view) => {
      for await (const _ of roomTable.scan(view, this.host.personaId, { limit: 1 })) return true;
      return false;
    });
  }
}
