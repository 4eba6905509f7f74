// What stands under a room's messages where nothing can be written: why, and until when.

import type { RoomPart } from '../backend/rooms.ts';
import { t } from '../i18n/translate.ts';

export function RoomFoot({ room }: { readonly room: RoomPart }) {
  const { phase, why } = room.state;
  const words =
    phase === 'in' || phase === 'entering' ? t(`room.why.${why ?? 'entering'}`) : t(`room.phase.${phase}`);
  return (
    <p class="composer muted" role="status">
      {words}
    </p>
  );
}
