// The bin `sotto-chat`: reads arguments and passphrase, opens the SDK's client, hands over to the interactive screen or
// to --json mode.
import { type Client, openClient, type Persona } from '../index.ts';
import { parseTerminalArguments, TERMINAL_HELP } from './arguments.ts';
import { sayError } from './errors.ts';
import { runInteractive } from './interactive/run.ts';
import { runJson } from './json-mode.ts';
import { readPassphrase } from './passphrase.ts';

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
    const passphrase = await readPassphrase(options);
    client = await openClient({ store: options.profile, passphrase, relay: options.relay });
  } catch (error) {
    if (options.json)
      process.stdout.write(`${JSON.stringify({ event: 'error', cmd: 'open', ...sayError(error) })}\n`);
    else process.stderr.write(`${sayError(error).message}\n`);
    return 1;
  }
  const persona = await firstPersona(client, options.name, options.relay);
  return options.json ? runJson(client, persona) : runInteractive(client, persona, options.relay);
}

async function firstPersona(client: Client, name: string | undefined, relay: string): Promise<Persona> {
  const [existing] = await client.personas();
  return existing ?? client.createPersona({ relay, ...(name === undefined ? {} : { name }) });
}

process.exitCode = await main();
process.stdin.destroy(); // an open pipe would keep the process alive
