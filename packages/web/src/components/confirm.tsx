// Asks before something that can't be taken back, in place: no dialog covers Help or the way out.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';
import { Action } from './action.tsx';

interface ConfirmProps {
  readonly label: string;
  /** What it means, in a sentence or two. */
  readonly words: string;
  readonly yes: string;
  readonly run: () => Promise<unknown>;
}

export function Confirm({ label, words, yes, run }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  const asks = useRef<HTMLButtonElement>(null);
  const no = useRef<HTMLButtonElement>(null);
  const first = useRef(true);
  useLayoutEffect(() => {
    // Enter pressed twice must not do what can't be taken back: the question begins at Cancel, and Cancel leads back.
    if (first.current) first.current = false;
    else (asking ? no : asks).current?.focus();
  }, [asking]);
  if (!asking) {
    return (
      <button ref={asks} type="button" class="button danger start" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    <div class="card" role="group" aria-label={label}>
      <p>{words}</p>
      <div class="row">
        <Action class="danger" run={run}>
          {yes}
        </Action>
        <button ref={no} type="button" class="button" onClick={() => setAsking(false)}>
          {t('cancel')}
        </button>
      </div>
    </div>
  );
}
