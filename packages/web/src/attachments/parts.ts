// The parts of the page that deal with files and voice notes, fetched when first needed.
import { lazy } from '../components/lazy.tsx';
import type { VoiceNoteProps } from '../voice/voice-note.tsx';
import type { AttachProps } from './attach.tsx';
import type { FileBubbleProps } from './file-bubble.tsx';

const fetchAll = () => import('./all.ts');

export const Attach = lazy<AttachProps>(async () => (await fetchAll()).Attach);
export const FileBubble = lazy<FileBubbleProps>(async () => (await fetchAll()).FileBubble);
export const VoiceNote = lazy<VoiceNoteProps>(async () => (await fetchAll()).VoiceNote);
