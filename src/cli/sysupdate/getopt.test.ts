import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../../base/fault.ts";
import { type OptionSpec, getopt } from "./getopt.ts";

const specs: readonly OptionSpec[] = [
  { name: "component", short: "C", takesValue: true },
  { name: "component-all", short: "A", takesValue: false },
  { name: "reboot", takesValue: false },
  { name: "root", takesValue: true },
  { name: "instances-max", short: "m", takesValue: true },
];

test("options are understood in every way getopt understands them", () => {
  const cases: readonly (readonly [string, readonly (readonly string[])[], readonly string[]])[] = [
    ["", [], []],
    ["update 5", [], ["update", "5"]],
    ["--root=/x list", [["root", "/x"]], ["list"]],
    ["list --root /x", [["root", "/x"]], ["list"]],
    ["--root= list", [["root", ""]], ["list"]],
    ["list -C app 5", [["component", "app"]], ["list", "5"]],
    ["-Capp list", [["component", "app"]], ["list"]],
    ["-C=app list", [["component", "=app"]], ["list"]],
    ["-Am3", [["component-all"], ["instances-max", "3"]], []],
    ["-Am 3", [["component-all"], ["instances-max", "3"]], []],
    ["--inst 3 --reb", [["instances-max", "3"], ["reboot"]], []],
    ["--component x", [["component", "x"]], []],
    ["--root --reboot", [["root", "--reboot"]], []],
    [
      "--root /a --root /b",
      [
        ["root", "/a"],
        ["root", "/b"],
      ],
      [],
    ],
    ["list -- --root -C", [], ["list", "--root", "-C"]],
    ["- list", [], ["-", "list"]],
  ];
  for (const [line, options, operands] of cases) {
    const parsed = getopt(line === "" ? [] : line.split(" "), specs);
    assert.deepEqual(
      parsed.options.map(({ name, value }) => (value === undefined ? [name] : [name, value])),
      options,
      line,
    );
    assert.deepEqual(parsed.operands, operands, line);
  }
});

test("what getopt refuses is refused in its words", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["--frob", "unrecognized option '--frob'"],
    ["--r=1", "option '--r' is ambiguous; possibilities: '--reboot' '--root'"],
    ["--comp x", "option '--comp' is ambiguous; possibilities: '--component' '--component-all'"],
    ["--reboot=yes", "option '--reboot' doesn't allow an argument"],
    ["--root", "option '--root' requires an argument"],
    ["-x", "invalid option -- 'x'"],
    ["-AC", "option requires an argument -- 'C'"],
  ];
  for (const [line, message] of cases) {
    assert.throws(
      () => getopt(line.split(" "), specs),
      (thrown) => thrown instanceof Fault && thrown.kind === "usage" && thrown.message === message,
      line,
    );
  }
});

test("any words are either parsed or refused with a Fault, and none is lost", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("-C", "--root", "-A", "--", "-m3", "--reboot"))),
      (argv) => {
        try {
          const { options, operands } = getopt(argv, specs);
          assert.ok(options.length + operands.length <= argv.reduce((sum, word) => sum + Math.max(1, word.length), 0));
        } catch (thrown) {
          assert.ok(thrown instanceof Fault);
        }
      },
    ),
  );
});
