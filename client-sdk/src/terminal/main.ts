// The bin `sotto-chat`: reads arguments and passphrase, opens the SDK's client, hands over to the interactive screen or
// to --json mode.
import { hasCode } from '../errors.ts';
import { type Client, openClient, type Persona } from '../index.ts';
import { parseTerminalArguments, TERMINAL_HELP, type TerminalOptions } from './arguments.ts';
import { ask } from './ask.ts';
import { sayError } from './errors.ts';
import { runInteractive } from './interactive/run.ts';
import { runJson } from './json-mode.ts';
import { makeUpName } from './made-up-name.ts';
import { canAsk, readPassphrase } from './passphrase.ts';

/** How often a person may mistype a passphrase; each try costs Argon2id. */
const TRIES = 3;

async function main(): Promise<number> {
  const parsed = parseTerminalArguments(process.argv.slice(2), process.env);
  if (parsed.kind === 'help') {
    process.stdout.write(TERMINAL_HELP);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    process.stderr.write(`${parsed.problem}\n\n${TERMINAL_HELP}`);
    return 2;
  }
  const { options } = parsed;
  let client: Client;
  try {
    client = await open(options, canAsk(options) ? TRIES : 1);
  } catch (error) {
    if (options.json)
      process.stdout.write(`${JSON.stringify({ event: 'error', cmd: 'open', ...sayError(error) })}\n`);
    else process.stderr.write(`${sayError(error).message}\n`);
    return 1;
  }
  const persona = await firstPersona(client, options);
  return options.json ? runJson(client, persona) : runInteractive(client, persona, options.relay);
}

async function open(options: TerminalOptions, tries: number): Promise<Client> {
  for (let left = tries; ; left--) {
    const passphrase = await readPassphrase(options);
    try {
      return await openClient({ store: options.profile, passphrase, relay: options.relay });
    } catch (error) {
      if (left <= 1 || !hasCode(error, 'STORE_PASSPHRASE')) throw error;
      process.stdout.write('That is not the passphrase of this profile.\n');
    }
  }
}

async function firstPersona(client: Client, options: TerminalOptions): Promise<Persona> {
  const [existing] = await client.personas();
  if (existing !== undefined) return existing;
  const { relay, name = await nameFor(options) } = options;
  return client.createPersona({ relay, name });
}

async function nameFor(options: TerminalOptions): Promise<string> {
  const madeUp = makeUpName();
  if (options.json || !process.stdin.isTTY) return madeUp;
  const given = await ask(`What shall people call you here? (Enter for "${madeUp}") `);
  return given.trim() === '' ? madeUp : given.trim();
}

process.exitCode = await main();
process.stdin.destroy(); // an open pipe would keep the process alive
