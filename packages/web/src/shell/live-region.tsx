// The one place from which a screen reader speaks unasked.

import { spoken } from '../state/announce.ts';

export function LiveRegion() {
  return (
    <div class="unseen" role="log" aria-live="polite" aria-atomic="true">
      {spoken.value}
    </div>
  );
}
