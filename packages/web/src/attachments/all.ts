// What deals with files and voice notes, in one file for the network, fetched with its words when first needed.

import { loadWords } from '../i18n/translate.ts';

await loadWords('files');

export { Attach } from './attach.tsx';
export { FileBubble } from './file-bubble.tsx';
export { VoiceNote } from '../voice/voice-note.tsx';
