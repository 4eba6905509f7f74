// A button that starts something which takes a while and may fail: it waits, and says in words what went wrong.

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { wordsFor } from '../state/errors.ts';

interface ActionProps {
  readonly run: () => Promise<unknown>;
  readonly class?: string;
  readonly disabled?: boolean;
  /** What went wrong before it was shown. */
  readonly wrong?: string;
  /** Said while it runs, where that may take long. */
  readonly busyWords?: string;
  readonly children: ComponentChildren;
}

export function Action(props: ActionProps) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(props.wrong ?? '');
  const start = () => {
    if (busy) return;
    setBusy(true);
    setWrong('');
    props
      .run()
      .catch((error: unknown) => setWrong(wordsFor(error)))
      .finally(() => setBusy(false));
  };
  return (
    <div class="stack">
      <button
        type="button"
        class={`button ${props.class ?? ''}`}
        disabled={props.disabled === true}
        // A button that is disabled while it works would lose the focus.
        aria-disabled={busy ? 'true' : undefined}
        aria-busy={busy}
        onClick={start}
      >
        {props.children}
      </button>
      {busy && props.busyWords !== undefined && <p role="status">{props.busyWords}</p>}
      {wrong !== '' && <p role="alert">{wrong}</p>}
    </div>
  );
}
