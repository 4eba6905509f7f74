// The command `sotto-relay`: picks a command and turns errors into one line and an exit code. Loaded by
// bin/sotto-relay.js. Not its concern: what the commands do (run.ts, check.ts, block.ts).

import { RelayError } from '../errors.ts';
import { packageVersion } from '../relay.ts';
import { block } from './block.ts';
import { check } from './check.ts';
import { helpText } from './help.ts';
import { run } from './run.ts';

/** 2: the call itself is wrong. 1: it failed. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpText());
    return 0;
  }
  if (args.includes('--version')) {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const [command = '', ...rest] = args;
  try {
    if (command === 'check') return await check(rest);
    if (command === 'block') return await block(rest, process.env);
    return await run(args, process.env);
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    process.stderr.write(`sotto-relay: ${error.message} [${error.code}]\n`);
    return error.code.startsWith('RELAY_CONFIG_') ? 2 : 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
