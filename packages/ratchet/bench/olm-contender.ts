// Olm (Matrix) as a contender: no post-quantum part, text plaintexts only, pickled around every operation.
import Olm from '@matrix-org/olm';
import type { Contender } from './measure.ts';

// A string: Olm wipes a key given as bytes
const PICKLE_KEY = 'thirty-two characters of no worth';

export async function olmContender(): Promise<Contender> {
  await Olm.init();
  return {
    name: '@matrix-org/olm',
    async setUp() {
      const [a, b] = [new Olm.Account(), new Olm.Account()];
      const [sessionA, sessionB] = [new Olm.Session(), new Olm.Session()];
      a.create();
      b.create();
      b.generate_one_time_keys(1);
      const keys = JSON.parse(b.one_time_keys()) as { curve25519: Record<string, string> };
      const identity = JSON.parse(b.identity_keys()) as { curve25519: string };
      sessionA.create_outbound(a, identity.curve25519, Object.values(keys.curve25519)[0]!);
      const first = sessionA.encrypt('first text');
      sessionB.create_inbound(b, first.body);
      b.remove_one_time_keys(sessionB);
      sessionB.decrypt(first.type, first.body);
      const stored = [sessionA.pickle(PICKLE_KEY), sessionB.pickle(PICKLE_KEY)];
      for (const object of [a, b, sessionA, sessionB]) object.free();
      const withSession = <T>(side: 0 | 1, work: (session: Olm.Session) => T): T => {
        const session = new Olm.Session();
        session.unpickle(PICKLE_KEY, stored[side]!);
        const result = work(session);
        stored[side] = session.pickle(PICKLE_KEY);
        session.free();
        return result;
      };
      return {
        async exchange(from, size) {
          const message = withSession(from, (session) => session.encrypt('x'.repeat(size)));
          const to = from === 0 ? 1 : 0;
          const plaintext = withSession(to, (session) => session.decrypt(message.type, message.body));
          if (plaintext.length !== size) throw new Error('wrong plaintext');
        },
      };
    },
  };
}
