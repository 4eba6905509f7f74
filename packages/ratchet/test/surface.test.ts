// The exports of the package, by name, and that each has a namesake in libsignal-client with the same call shape.
import { describe, expect, test } from '@jest/globals';
import * as libsignal from '@signalapp/libsignal-client';
import * as ratchet from '../src/index.ts';
import { newParty } from './support/party.ts';

const NAMES = [
  'CiphertextMessage',
  'CiphertextMessageType',
  'Direction',
  'DisplayableFingerprint',
  'ErrorCode',
  'Fingerprint',
  'IdentityChange',
  'IdentityKeyPair',
  'IdentityKeyStore',
  'KEMKeyPair',
  'KEMPublicKey',
  'KEMSecretKey',
  'KyberPreKeyRecord',
  'KyberPreKeyStore',
  'LibSignalErrorBase',
  'PreKeyBundle',
  'PreKeyRecord',
  'PreKeySignalMessage',
  'PreKeyStore',
  'PrivateKey',
  'ProtocolAddress',
  'PublicKey',
  'ScannableFingerprint',
  'SessionRecord',
  'SessionStore',
  'SignalMessage',
  'SignedPreKeyRecord',
  'SignedPreKeyStore',
  'processPreKeyBundle',
  'signalDecrypt',
  'signalDecryptPreKey',
  'signalEncrypt',
];

type Members = Record<string, unknown>;

test('the exports are these', () => {
  expect(Object.keys(ratchet).sort()).toEqual(NAMES);
});

/** libsignal's members that this package leaves out: sealing (HPKE), and service ids as objects. */
const LEFT_OUT: Record<string, string[]> = {
  PublicKey: ['seal'],
  PrivateKey: ['open'],
  ProtocolAddress: ['serviceId'],
  SignalMessage: [],
  LibSignalErrorBase: ['sessionState', 'chargeFailure'],
};

describe.each(NAMES)('%s', (name) => {
  const ours = (ratchet as unknown as Members)[name];
  const theirs = (libsignal as unknown as Members)[name];

  test('exists in libsignal-client with the same members', () => {
    expect(theirs).toBeDefined();
    if (typeof theirs !== 'function' || typeof ours !== 'function') {
      // Constants: each of ours has their value
      for (const [key, value] of Object.entries(ours as Members))
        expect((theirs as Members)[key]).toBe(value);
      return;
    }
    if (!name.match(/^[A-Z]/)) return;
    const publicMembers = (of: object) =>
      Object.getOwnPropertyNames(of).filter((member) => !member.startsWith('_'));
    const missing = [
      ...publicMembers(theirs.prototype as object).filter(
        (member) => !(member in (ours.prototype as object)),
      ),
      ...publicMembers(theirs).filter((member) => !(member in ours)),
    ];
    expect(missing).toEqual(LEFT_OUT[name] ?? []);
  });
});

test('functions take as many arguments', () => {
  for (const name of [
    'processPreKeyBundle',
    'signalEncrypt',
    'signalDecrypt',
    'signalDecryptPreKey',
  ] as const) {
    expect(ratchet[name]).toHaveLength(libsignal[name].length);
  }
});

test('stores are asked for the same things in the same order', async () => {
  const traces: Record<string, string[]> = {};
  for (const [name, engine] of [
    ['libsignal', libsignal as unknown as typeof ratchet],
    ['ours', ratchet],
  ] as const) {
    const trace: string[] = [];
    const [a, b] = [newParty(engine, 'a'), newParty(engine, 'b')];
    a.trace = b.trace = trace;
    const text = new Uint8Array(3);
    const step = async (what: string, work: () => Promise<unknown>) => {
      trace.push(`-- ${what}`);
      await work().catch(() => trace.push('refused'));
    };
    const bundle = await b.publish();
    await step('send without a session', () => a.send('b', text));
    await step('begin', () => a.begin('b', bundle));
    a.trusts = false;
    await step('begin, untrusted', () => a.begin('b', bundle));
    await step('send, untrusted', () => a.send('b', text));
    a.trusts = true;
    const first = await a.send('b', text);
    b.trusts = false;
    await step('receive first, untrusted', () => b.receive('a', first));
    b.trusts = true;
    await step('receive first', () => b.receive('a', first));
    await step('receive first again', () => b.receive('a', first));
    const second = await a.send('b', text);
    await step('receive another first', () => b.receive('a', second));
    b.archive('a');
    const third = await a.send('b', text);
    await step('receive another first, archived', () => b.receive('a', third));
    const answer = await b.send('a', text);
    a.trusts = false;
    await step('receive, untrusted', () => a.receive('b', answer));
    a.trusts = true;
    await step('receive', () => a.receive('b', answer));
    await step('receive again', () => a.receive('b', answer));
    await step('send', () => a.send('b', text));
    traces[name] = trace;
  }
  expect(traces['ours']).toEqual(traces['libsignal']);
});
