// What tells two names of states apart, in a few words.

const linesMax = 6;

/** Names have a line for each thing. */
export function differences(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const lines = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
  return lines.slice(0, linesMax).join("; ");
}
