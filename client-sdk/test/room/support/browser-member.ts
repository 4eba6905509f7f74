// What a page of the tests loads: one person with the SDK as browsers get it, in one room, under a global name.
import { type Message, openClient, type Persona, type Room } from '../../../src/index.ts';
import type { Pace } from '../../../src/context.ts';

let persona: Persona | undefined;
let room: Room | undefined;
const troubles: string[] = [];

function here(): Room {
  if (room === undefined) throw new Error('in no room');
  return room;
}

const member = {
  async open(o: { relay: string; name: string; pace: Partial<Pace> }): Promise<void> {
    const kdfCost = { passes: 1, memoryKib: 8 };
    const { relay, pace } = o;
    const client = await openClient({ store: 'profile', passphrase: 'p', relay, kdfCost, pace });
    const [known] = await client.personas();
    persona = known ?? (await client.createPersona({ name: o.name }));
    persona.on('trouble', (error) => troubles.push(String(error)));
    [room] = await persona.rooms();
  },
  async join(link: string): Promise<void> {
    room = await persona?.joinRoom(link);
  },
  send: async (text: string): Promise<void> => {
    await here().send(text);
  },
  setMode: (mode: 'open' | 'slow'): Promise<void> => here().setMode(mode),
  history: async (limit: number): Promise<Message[]> => here().history({ limit }),
  facts: () => ({ phase: here().state.phase, me: here().me, members: here().state.memberCount, troubles }),
};
export type BrowserMember = typeof member;
Object.assign(globalThis, { member });
