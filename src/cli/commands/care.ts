/** `trivet care` in the list of commands. Its own flags are read without commander: main.ts sends everything after `care` there. */

import type { Command } from 'commander';

export function addCareCommand(program: Command): void {
  program
    .command('care')
    .description('keep a virtual address pointing at healthy backends; trivet care status shows them, trivet care --help all flags')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[args...]')
    .action(async (args: readonly string[]) => {
      const { careMain } = await import('../care/care-main.ts');
      process.exitCode = await careMain(args);
    });
}
