import { expect, test } from '@jest/globals';
import * as client from '../src/index.ts';

const methodsOf = (made: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(made.prototype)
    .filter((name) => name !== 'constructor')
    .sort();

test('the entrance exports what docs/sdk.md describes', () => {
  expect(Object.keys(client).sort()).toEqual([
    'Client',
    'ClientErrors',
    'Conversation',
    'DOORS',
    'HOST_ACTIONS',
    'INTENTS',
    'MAX_FILE_BYTES',
    'MAX_NAME_BYTES',
    'MAX_NOTE_BYTES',
    'MAX_PREVIEW_BYTES',
    'MAX_TEXT_BYTES',
    'MODES',
    'PICTURE_TYPES',
    'Persona',
    'REACTIONS',
    'SottoError',
    'TOPICS',
    'UNHOSTED',
    'VOICE_TYPES',
    'cleanPicture',
    'cleanSound',
    'dialAhead',
    'hasCode',
    'importClient',
    'lookAtStore',
    'openClient',
    'readInviteAhead',
    'safeFileName',
    'wipeStore',
  ]);
});

test('client, persona and conversation offer what docs/sdk.md describes', () => {
  const promised = {
    Client: ['close', 'createPersona', 'export', 'lock', 'personas', 'unlock', 'wipe'],
    Persona: [
      ...['accept', 'burn', 'conversations', 'createInvite', 'id', 'invites', 'name', 'on', 'retire'],
      ...['createRoom', 'joinRoom', 'lookAtRoom', 'rooms', 'topics'],
    ],
    Conversation: ['block', 'history', 'id', 'leave', 'messages', 'on', 'peer', 'search', 'send'],
  };
  // `id` is a field, not on the prototype.
  for (const [name, methods] of Object.entries(promised)) {
    const made = client[name as keyof typeof promised];
    const offered = methodsOf(made);
    for (const method of methods) if (method !== 'id') expect(offered).toContain(method);
  }
});
