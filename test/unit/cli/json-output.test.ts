import { expect, onTestFinished, test, vi } from 'vitest';

test('a command prints one JSON document, even if it fails after its result', async () => {
  vi.resetModules();
  const { printJson, printJsonFailure } = await import('../../../cli/json-output.ts');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const arguments_ = process.argv;
  process.argv = ['node', 'main.js', 'collect', '--json'];
  onTestFinished(() => {
    write.mockRestore();
    process.argv = arguments_;
  });
  printJson({ complete: true });
  printJsonFailure('atlas-lake: the disk is full', 1);
  expect(write.mock.calls).toEqual([['{"complete":true}\n']]);
});

test('a command that fails prints a JSON document only with --json', async () => {
  vi.resetModules();
  const { printJsonFailure } = await import('../../../cli/json-output.ts');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const arguments_ = process.argv;
  onTestFinished(() => {
    write.mockRestore();
    process.argv = arguments_;
  });
  process.argv = ['node', 'main.js', 'collect'];
  printJsonFailure('Interrupted.', 130);
  expect(write).not.toHaveBeenCalled();
  process.argv = ['node', 'main.js', 'collect', '--json'];
  printJsonFailure('Interrupted.', 130);
  expect(write.mock.calls).toEqual([['{"error":"Interrupted.","exitCode":130}\n']]);
});
