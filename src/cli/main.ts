/** The entry of the command line; care goes its own way, so that a daemon loads nothing that it does not need. */

if (process.argv[2] === 'care') {
  const { careMain } = await import('./care/care-main.ts');
  process.exitCode = await careMain(process.argv.slice(3));
} else {
  const { runCli } = await import('./run-cli.ts');
  await runCli();
}
