// @sotto/ratchet or libsignal-client as a contender: the parties of the test suite, whose stores serialise everything.
import type { Engine } from '../test/support/engines.ts';
import { newParty } from '../test/support/party.ts';
import type { Contender } from './measure.ts';

export function signalContender(name: string, engine: Engine): Contender {
  return {
    name,
    async setUp() {
      const parties = [newParty(engine, 'a'), newParty(engine, 'b')] as const;
      const [a, b] = parties;
      await a.begin('b', await b.publish());
      await b.receive('a', await a.send('b', new Uint8Array(10)));
      const pair = {
        async exchange(from: 0 | 1, size: number) {
          const [sender, receiver] = from === 0 ? [a, b] : [b, a];
          const message = await sender.send(receiver.address.name(), new Uint8Array(size));
          const plaintext = await receiver.receive(sender.address.name(), message);
          if (plaintext.length !== size) throw new Error('wrong plaintext');
        },
      };
      return pair;
    },
  };
}
