import { beforeAll, expect, test } from '@jest/globals';
import { commitmentOf, signContent, verifyContent } from '../../src/content/author.ts';
import type { Content } from '../../src/content/content.ts';
import { randomKey, ready, signingKeyPair } from '../../src/crypto/index.ts';

beforeAll(ready);

const plain: Content = {
  version: 1,
  id: new Uint8Array(16).fill(1),
  stream: new Uint8Array(8).fill(2),
  sequence: 3,
  at: 4,
  type: 1,
  part: 0,
  parts: 1,
  timerSeconds: 0,
  body: Uint8Array.of(10, 2, 104, 105),
};
const thread = { conversation: new Uint8Array(32).fill(7), epoch: 5, previous: new Uint8Array(32) };

test('an author’s messages form a thread that a third person can check', () => {
  const pair = signingKeyPair(randomKey('signing-seed'));
  const first = signContent(plain, thread, pair);
  const expected = { conversation: thread.conversation, publicKey: pair.publicKey };
  const read = verifyContent(first.content, expected);
  expect(read.commitment).toEqual(first.commitment);
  expect(read.previous).toEqual(first.previous);
  const second = signContent({ ...plain, sequence: 4 }, { ...thread, previous: first.previous }, pair);
  expect(second.content.author?.previous).toEqual(read.previous);
  expect(commitmentOf(second.content.author?.opening ?? new Uint8Array(32), second.content)).toEqual(
    second.commitment,
  );
});

test('anything changed, left out or said by another is refused', () => {
  const pair = signingKeyPair(randomKey('signing-seed'));
  const { content } = signContent(plain, thread, pair);
  const { author } = content;
  if (author === undefined) throw new Error('unsigned');
  const expected = { conversation: thread.conversation, publicKey: pair.publicKey };
  const other = signingKeyPair(randomKey('signing-seed'));
  const wrong: Content[] = [
    plain,
    { ...content, sequence: 9 },
    { ...content, body: Uint8Array.of(10, 2, 104, 106) },
    { ...content, author: { ...author, epoch: 6 } },
    { ...content, author: { ...author, previous: new Uint8Array(32).fill(1) } },
    { ...content, author: { ...author, opening: new Uint8Array(32) } },
    { ...content, author: { ...author, signature: new Uint8Array(64) } },
    signContent(plain, thread, other).content,
  ];
  for (const each of wrong) {
    expect(() => verifyContent(each, expected)).toThrow(
      expect.objectContaining({ code: 'CONTENT_UNSIGNED' }),
    );
  }
  expect(() => verifyContent(content, { ...expected, conversation: new Uint8Array(32) })).toThrow(
    expect.objectContaining({ code: 'CONTENT_UNSIGNED' }),
  );
});
