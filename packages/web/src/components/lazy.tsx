// A part of the page that is fetched when it's first shown; from then on it is there at once, also offline.

import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';

export interface Lazy<P> {
  readonly View: FunctionComponent<P>;
  /** Fetches it ahead of need. */
  load(): Promise<void>;
}

export function lazy<P extends object>(fetchPart: () => Promise<FunctionComponent<P>>): Lazy<P> {
  let Part: FunctionComponent<P> | undefined;
  let loading: Promise<void> | undefined;
  const load = () => {
    loading ??= fetchPart().then(
      (fetched) => {
        Part = fetched;
      },
      () => {
        // Tried again at the next showing.
        loading = undefined;
      },
    );
    return loading;
  };
  function View(props: P) {
    const [, drawAgain] = useState(0);
    useEffect(() => {
      if (Part === undefined) void load().then(() => drawAgain((n) => n + 1));
    }, []);
    if (Part !== undefined) return <Part {...props} />;
    return (
      <p class="column muted" role="status">
        {t('loading')}
      </p>
    );
  }
  return { View, load };
}
