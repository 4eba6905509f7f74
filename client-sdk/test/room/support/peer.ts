// One person in one room, on Node or in Chromium: what a test of many asks of each.
import type { Room } from '../../../src/index.ts';
import type { BrowserPerson } from './chromium.ts';
import { noticesIn, saidIn } from './people.ts';

export interface Peer {
  readonly name: string;
  send(text: string): Promise<void>;
  phase(): Promise<string>;
  /** What was said, by whom, in the order of the history. */
  said(limit?: number): Promise<string[]>;
  notices(): Promise<string[]>;
}

const ALL = 10_000;

export class NodePeer implements Peer {
  readonly room: Room;
  constructor(room: Room) {
    this.room = room;
  }
  get name(): string {
    return this.room.name;
  }
  async send(text: string): Promise<void> {
    await this.room.send(text);
  }
  phase(): Promise<string> {
    return Promise.resolve(this.room.state.phase);
  }
  async said(limit = ALL): Promise<string[]> {
    return saidIn(await this.room.history({ limit }));
  }
  async notices(): Promise<string[]> {
    return noticesIn(await this.room.history({ limit: ALL }));
  }
}

export class BrowserPeer implements Peer {
  readonly name: string;
  readonly person: BrowserPerson;
  constructor(person: BrowserPerson, name: string) {
    this.person = person;
    this.name = name;
  }
  send(text: string): Promise<void> {
    return this.person.ask('send', text);
  }
  async phase(): Promise<string> {
    return (await this.person.ask('facts')).phase;
  }
  async said(limit = ALL): Promise<string[]> {
    return saidIn(await this.person.ask('history', limit));
  }
  async notices(): Promise<string[]> {
    return noticesIn(await this.person.ask('history', ALL));
  }
}
