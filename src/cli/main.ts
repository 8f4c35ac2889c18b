/** The entry of the command line; care and the drills' agent go their own ways, so that they load nothing that they do not need. */

if (process.argv[2] === 'care') {
  const { careMain } = await import('./care/care-main.ts');
  process.exitCode = await careMain(process.argv.slice(3));
} else if (process.argv[2] === 'drill-agent') {
  const { agentMain } = await import('../drill/agent/agent-main.ts');
  process.exitCode = await agentMain(process.argv.slice(3));
} else {
  const { runCli } = await import('./run-cli.ts');
  await runCli();
}
