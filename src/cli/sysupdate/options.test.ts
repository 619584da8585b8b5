import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { parseSysupdate } from "./options.ts";

function refusal(line: string): string {
  try {
    parseSysupdate(line.split(" "));
  } catch (thrown) {
    assert.ok(thrown instanceof Fault);
    return thrown.message;
  }
  return "accepted";
}

test("without a verb it is list, and everything is at its default", () => {
  assert.deepEqual(parseSysupdate([]), {
    verb: "list",
    arguments: [],
    help: false,
    version: false,
    json: "off",
    jsonHelp: false,
    legend: true,
    component: undefined,
    componentSelect: "explicit",
    featureSelect: "explicit",
    definitions: undefined,
    root: undefined,
    image: undefined,
    transferSource: undefined,
    instancesMax: undefined,
    verify: undefined,
    cleanup: undefined,
    reboot: false,
    offline: false,
  });
});

test("every option of systemd-sysupdate is taken, before the verb and behind it", () => {
  const parsed = parseSysupdate(
    "update 5 --verify=no --json=short --no-legend --no-pager --sync=yes -m 4 --offline --transfer-source /s --root /r --image-policy=* --cleanup=on -C app -a".split(
      " ",
    ),
  );
  assert.deepEqual(
    { ...parsed, help: undefined },
    {
      verb: "update",
      arguments: ["5"],
      help: undefined,
      version: false,
      json: "short",
      jsonHelp: false,
      legend: false,
      component: "app",
      componentSelect: "explicit",
      featureSelect: "all",
      definitions: undefined,
      root: "/r",
      image: undefined,
      transferSource: "/s",
      instancesMax: 4,
      verify: false,
      cleanup: true,
      reboot: false,
      offline: true,
    },
  );
});

test("the last selection of components decides", () => {
  assert.deepEqual(
    ["-A -C app", "-C app -A", "-C app -C", "-A -S"].map((line) => {
      const { component, componentSelect } = parseSysupdate([...line.split(" "), ...(line.endsWith("-C") ? [""] : [])]);
      return [component, componentSelect];
    }),
    [
      ["app", "explicit"],
      [undefined, "all"],
      [undefined, "explicit"],
      [undefined, "suggested"],
    ],
  );
});

test("what contradicts itself is refused as systemd refuses it", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["--root=/a --image=/b", "Please specify either --root= or --image=, the combination of both is not supported."],
    ["--root=/a --reboot", "The --reboot switch may not be combined with --root= or --image=."],
    ["--root=/a --definitions=/b", "The --definitions= switch may not be combined with --root= or --image=."],
    ["-C x --definitions=/b", "The --definitions= and --component= switches may not be combined."],
    ["-C x/y", "Component name invalid: x/y"],
    ["-m two", "Failed to parse --instances-max= parameter: two"],
    ["--verify=maybe", "Failed to parse boolean argument to --verify=: maybe."],
    ["--sync=maybe", "Failed to parse boolean argument to --sync=: maybe."],
    ["--json=yaml", "Unknown argument to --json= switch: yaml"],
    ["--image=/b", "Cannot work on a disk image: Holdfast does not mount images itself"],
  ];
  for (const [line, message] of cases) assert.equal(refusal(line), message);
});
