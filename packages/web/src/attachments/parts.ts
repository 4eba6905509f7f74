// The parts of the page that deal with files, fetched when first needed.
import { lazy } from '../components/lazy.tsx';
import type { AttachProps } from './attach.tsx';
import type { FileBubbleProps } from './file-bubble.tsx';

export const Attach = lazy<AttachProps>(async () => (await import('./attach.tsx')).Attach);
export const FileBubble = lazy<FileBubbleProps>(async () => (await import('./file-bubble.tsx')).FileBubble);
