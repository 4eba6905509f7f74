// A field for a PIN or passphrase, with a way to see what one types.

import { useId, useState } from 'preact/hooks';
import { t } from '../i18n/translate.ts';

interface SecretFieldProps {
  readonly label: string;
  readonly value: string;
  readonly pin?: boolean;
  readonly fresh?: boolean;
  readonly wrong?: string;
  readonly hint?: string;
  readonly onInput: (value: string) => void;
}

export function SecretField({ label, value, pin, fresh, wrong, hint, onInput }: SecretFieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class={`input${pin === true ? ' code' : ''}`}
        {...({ type: shown ? 'text' : 'password' } as { type: 'password' })}
        inputMode={pin === true ? 'numeric' : 'text'}
        autocomplete={fresh === true ? 'new-password' : 'off'}
        autocapitalize="off"
        spellcheck={false}
        dir="ltr"
        value={value}
        aria-invalid={wrong !== undefined && wrong !== ''}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <label class="choice small">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
        {t('secret.show')}
      </label>
      <p id={`${id}-hint`} class="muted small">
        {hint ?? ''}
      </p>
      {wrong !== undefined && wrong !== '' && (
        <p class="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}
