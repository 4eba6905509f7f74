// What the terminal client is started with: flags and environment, checked, with words for what is wrong.
import { parseArgs } from 'node:util';

export interface TerminalOptions {
  readonly relay: string;
  readonly profile: string;
  readonly json: boolean;
  readonly keyFile?: string;
  readonly name?: string;
  readonly passphrase?: string;
}

export type ParsedArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'run'; readonly options: TerminalOptions };

export const TERMINAL_HELP = `sotto-chat: talk through a Sotto relay from the terminal

  --relay URL       the relay your invites are made at (default http://127.0.0.1:8787)
  --profile DIR     where this person's encrypted data is kept (default ./data/profile)
  --name NAME       the name of a new persona (default: one is made up)
  --key-file FILE   a file whose text is the passphrase (or set SOTTO_PASSPHRASE); else you are asked
  --json            one JSON object a line, in and out, for bots and scripts
  --help

Inside, /help lists what you can do.
`;

/** @param env - read for SOTTO_PASSPHRASE and SOTTO_RELAY only. */
export function parseTerminalArguments(argv: readonly string[], env: NodeJS.ProcessEnv): ParsedArguments {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        relay: { type: 'string' },
        profile: { type: 'string', default: './data/profile' },
        name: { type: 'string' },
        'key-file': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : 'wrong arguments' };
  }
  if (values.help) return { kind: 'help' };
  const relay = values.relay ?? env['SOTTO_RELAY'] ?? 'http://127.0.0.1:8787';
  if (!URL.canParse(relay) || !/^https?:$/.test(new URL(relay).protocol))
    return { kind: 'wrong', problem: '--relay must be an address that begins with http:// or https://' };
  const passphrase = env['SOTTO_PASSPHRASE'];
  return {
    kind: 'run',
    options: {
      relay,
      profile: values.profile,
      json: values.json,
      ...(values['key-file'] === undefined ? {} : { keyFile: values['key-file'] }),
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(passphrase === undefined || passphrase === '' ? {} : { passphrase }),
    },
  };
}
