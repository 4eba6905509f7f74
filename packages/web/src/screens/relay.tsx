// What the relay knows: what it published and whether it keeps to it, and what no promise changes.

import { useEffect } from 'preact/hooks';
import { Screen } from '../components/screen.tsx';
import { backend, promise } from '../state/app.ts';
import { t, type MessageKey } from '../i18n/translate.ts';

const never: readonly MessageKey[] = [
  'relay.never.text',
  'relay.never.names',
  'relay.never.pairs',
  'relay.never.logs',
];
const sees: readonly MessageKey[] = ['relay.sees.address', 'relay.sees.time', 'relay.sees.together'];

export function Relay() {
  useEffect(() => {
    backend()
      .promise()
      .then((view) => (promise.value = view))
      .catch(() => undefined);
  }, []);
  return (
    <Screen title={t('relay.title')} reading>
      <p>{t('relay.words')}</p>
      <section class="card" aria-labelledby="never">
        <h2 id="never">{t('relay.never')}</h2>
        <ul class="stack">
          {never.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </section>
      <section class="card" aria-labelledby="sees">
        <h2 id="sees">{t('relay.sees')}</h2>
        <ul class="stack">
          {sees.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
        <p>{t('relay.tor')}</p>
      </section>
      <Published />
    </Screen>
  );
}

function Published() {
  const view = promise.value;
  if (view === undefined) return <p class="muted">{t('relay.unknown')}</p>;
  return (
    <section class="card" aria-labelledby="published">
      <h2 id="published">{t('relay.published')}</h2>
      {view.mismatches.length > 0 ? (
        <div role="alert" class="stack">
          <p>
            <strong>{t('relay.broken')}</strong>
          </p>
          <ul class="stack">
            {view.mismatches.map((mismatch) => (
              <li key={mismatch}>{t(`relay.mismatch.${mismatch}`)}</li>
            ))}
          </ul>
        </div>
      ) : (
        <p>{t(view.checked ? 'relay.kept' : 'relay.notChecked')}</p>
      )}
      <dl class="facts">
        <Fact name="relay.address" value={view.relay} />
        <Fact name="relay.keeps" value={t('relay.keepsDays', { days: view.ttlDays.mailbox })} />
        <Fact name="relay.durability" value={t(`relay.durability.${view.durability}`)} />
        <Fact name="relay.admission" value={t(`relay.admission.${view.admission}`)} />
        {view.operator.name !== undefined && <Fact name="relay.operator" value={view.operator.name} />}
        {view.operator.contact !== undefined && <Fact name="relay.contact" value={view.operator.contact} />}
        <Fact name="relay.software" value={view.software} />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: MessageKey; value: string }) {
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}
