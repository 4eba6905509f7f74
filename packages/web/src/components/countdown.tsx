// How long until a message is gone: in words, and no more often than the words change.

import { useEffect, useState } from 'preact/hooks';
import { duration } from '../i18n/dates.ts';
import { t } from '../i18n/translate.ts';

function nextChangeMs(leftMs: number): number {
  if (leftMs > 2 * 3_600_000) return 600_000;
  if (leftMs > 120_000) return 20_000;
  return 1_000;
}

export function Countdown({ at }: { at: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const left = at - Date.now();
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setNow(Date.now()), nextChangeMs(left));
    return () => clearTimeout(timer);
  }, [at, now]);
  const left = at - now;
  return <span>{left > 0 ? t('message.goneIn', { time: duration(left / 1_000) }) : t('message.going')}</span>;
}
