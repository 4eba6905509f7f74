// Safety numbers against libsignal's, and their comparison across engines.
import { expect, test } from '@jest/globals';
import { libsignal, ours, type Engine } from './support/engines.ts';

const text = (value: string) => new TextEncoder().encode(value);
const alice = libsignal.IdentityKeyPair.generate().publicKey.serialize();
const bob = libsignal.IdentityKeyPair.generate().publicKey.serialize();

function fingerprint(engine: Engine, iterations: number, version: number, fromBob = false) {
  const parties = [
    [text('alice'), alice],
    [text('bob'), bob],
  ] as const;
  const [local, remote] = fromBob ? [parties[1], parties[0]] : parties;
  return engine.Fingerprint.new(
    iterations,
    version,
    local[0],
    engine.PublicKey.deserialize(local[1]),
    remote[0],
    engine.PublicKey.deserialize(remote[1]),
  );
}

test('digits and code are libsignal’s', () => {
  for (const [iterations, version] of [
    [2, 0],
    [3, 1],
    [5200, 2],
    [2, 2 ** 31],
  ] as const) {
    const [theirs, mine] = [libsignal, ours].map((engine) => fingerprint(engine, iterations, version));
    expect(mine!.displayableFingerprint().toString()).toBe(theirs!.displayableFingerprint().toString());
    expect(mine!.scannableFingerprint().toBuffer()).toEqual(theirs!.scannableFingerprint().toBuffer());
  }
});

test('both people see one number, and their codes match across engines', () => {
  const mine = fingerprint(ours, 5200, 2);
  const theirs = fingerprint(libsignal, 5200, 2, true);
  expect(mine.displayableFingerprint().toString()).toBe(theirs.displayableFingerprint().toString());
  expect(mine.displayableFingerprint().toString()).toMatch(/^\d{60}$/);
  const read = (bytes: Uint8Array) => ours.ScannableFingerprint._fromBuffer(bytes);
  expect(mine.scannableFingerprint().compare(read(theirs.scannableFingerprint().toBuffer()))).toBe(true);
  expect(mine.scannableFingerprint().compare(mine.scannableFingerprint())).toBe(false);
  const otherVersion = fingerprint(ours, 2, 1).scannableFingerprint();
  expect(() => mine.scannableFingerprint().compare(otherVersion)).toThrow('version');
  for (const junk of [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array([8, 2])]) {
    expect(() => mine.scannableFingerprint().compare(read(junk))).toThrow('parsing');
  }
});

test('iteration counts outside 2 to 1,000,000 are refused', () => {
  for (const engine of [libsignal, ours]) {
    for (const iterations of [0, 1, 1_000_001]) expect(() => fingerprint(engine, iterations, 2)).toThrow();
  }
});
