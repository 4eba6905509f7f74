// The safety number, as digits to read to each other and as a code to scan: who sees the same is talking with that
// person and nobody in between.

import { useEffect, useState } from 'preact/hooks';
import { lazy } from '../components/lazy.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { Screen } from '../components/screen.tsx';
import type { Scanned } from '../components/scanner.tsx';
import { backend, conversations } from '../state/app.ts';
import { attempt } from '../state/attempt.ts';
import { wordsFor } from '../state/errors.ts';
import { t } from '../i18n/translate.ts';

const scanner = lazy<{ onFound: (found: Scanned) => void }>(
  async () => (await import('../components/scanner.tsx')).Scanner,
);

export function Compare({ id }: { id: string }) {
  const one = conversations.value.find((candidate) => candidate.id === id);
  const [safety, setSafety] = useState<{ readonly digits: string; readonly scannable: Uint8Array }>();
  const [words, setWords] = useState('');
  const [scanning, setScanning] = useState(false);
  useEffect(() => {
    backend()
      .safetyNumber(id)
      .then(setSafety)
      .catch((error: unknown) => setWords(wordsFor(error)));
  }, [id]);
  const compare = async ({ bytes }: Scanned) => {
    setScanning(false);
    const same = await backend().compareScanned(id, bytes);
    setWords(t(same ? 'compare.same' : 'compare.different'));
  };
  const groups = safety?.digits.match(/\d{5}/g) ?? [];
  return (
    <Screen title={t('compare.title')}>
      <p>{t('compare.words', { name: one?.name ?? '' })}</p>
      {words !== '' && <p role="alert">{words}</p>}
      {safety !== undefined && (
        <>
          <div class="card">
            <p class="digits" aria-label={t('compare.digits')}>
              {groups.map((group, i) => (
                <span key={i}>{group}</span>
              ))}
            </p>
          </div>
          <label class="choice">
            <input
              type="checkbox"
              checked={one?.compared === true}
              onChange={(event) => attempt(() => backend().markCompared(id, event.currentTarget.checked))}
            />
            <span>{t('compare.mark')}</span>
          </label>
          <QrCode data={safety.scannable} label={t('compare.code')} />
          {scanning ? (
            <scanner.View
              onFound={(found) => void compare(found).catch((error: unknown) => setWords(wordsFor(error)))}
            />
          ) : (
            <button type="button" class="button" onClick={() => setScanning(true)}>
              {t('compare.scan')}
            </button>
          )}
        </>
      )}
    </Screen>
  );
}
