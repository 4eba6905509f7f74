// The screens of rooms, in one file for the network, fetched with their words when the first of them is shown.

import { loadWords } from '../i18n/translate.ts';

await loadWords('rooms');

export { About } from './about.tsx';
export { Entry } from './entry.tsx';
export { Mentions } from './mentions.tsx';
export { NewRoom } from './new-room.tsx';
export { Person } from './person.tsx';
export { RoomFoot } from './room-foot.tsx';
export { RoomHead } from './room-head.tsx';
export { Topics } from './topics.tsx';
