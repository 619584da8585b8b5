// What systemd's own systemd-sysupdate and Holdfast are both asked over Varlink.

export type Scene = "nothing is defined" | "there are versions, features and components" | "everything is here";

type Question = Readonly<Record<string, unknown>>;

const about = (method: string, parameters?: unknown, more: Question = {}): Question => ({
  method: `org.varlink.service.${method}`,
  ...(parameters === undefined ? {} : { parameters }),
  ...more,
});
const own = (method: string, parameters?: unknown, more: Question = {}): Question => ({
  method: `io.systemd.SysUpdate.${method}`,
  ...(parameters === undefined ? {} : { parameters }),
  ...more,
});
const target = (kind: unknown, name?: unknown): Question => ({
  target: { class: kind, ...(name === undefined ? {} : { name }) },
});
const classes = ["machine", "portable", "sysext", "confext", "component"];

/** They are asked over one connection, one after the other. */
export const questions: Readonly<Record<Scene, readonly Question[]>> = {
  "nothing is defined": [
    about("GetInfo", { x: 1 }),
    about("GetInterfaceDescription"),
    about("GetInterfaceDescription", { interface: "io.nope" }),
    about("GetInterfaceDescription", { interface: 1 }),
    about("GetInterfaceDescription", { interface: null }),
    about("GetInterfaceDescription", { interface: "io.systemd", y: 2 }),
    { method: "" },
    { method: "a" },
    { method: "a.b" },
    { method: "io.systemd.SysUpdate" },
    { method: "io.systemd.System" },
    own("Nope"),
    own("ListTargets"),
    own("ListTargets", null, { more: true }),
    own("ListTargets", {}, { more: false, oneway: false }),
    own("ListTargets", target("host")),
    own("ListFeatures"),
    own("ListFeatures", {}),
    ...[null, 1, {}, { class: 1 }, { class: "nope" }, { class: "host", more: "" }].map((value) =>
      own("ListFeatures", { target: value }),
    ),
    own("ListFeatures", target("host")),
    own("ListFeatures", target("host", null)),
    own("ListFeatures", target("host", "x")),
    own("ListFeatures", target("host", "")),
    ...classes.flatMap((kind) => [own("ListFeatures", target(kind)), own("ListFeatures", target(kind, "x"))]),
    ...["../", "..", "", "a/b", "a.b", ".a", "a b", "a\nb", "a\\b", "a*", "a?", "[a]", "a@{b}", "ä", 1, null].map(
      (name) => own("ListFeatures", target("component", name)),
    ),
    ...[233, 234].map((length) => own("ListFeatures", target("component", "x".repeat(length)))),
    ...["a*", "", "a/b"].map((name) => own("ListFeatures", target("machine", name))),
    own("ListFeatures", { ...target("host"), allowInteractiveAuthentication: true }),
    own("CheckNew"),
    own("CheckNew", { ...target("host"), allowInteractiveAuthentication: 1 }),
    own("CheckNew", target("host")),
    own("CheckNew", target("component", "../")),
    own("CheckNew", target("component", "doesnotexist")),
    own("CheckNew", target("machine", "x")),
  ],
  "there are versions, features and components": [
    own("ListTargets"),
    own("ListFeatures", target("host")),
    own("ListFeatures", target("component", "comp")),
    own("ListFeatures", target("component", "empty")),
    own("ListFeatures", target("component", "doesnotexist")),
    own("CheckNew", target("host")),
    own("CheckNew", { ...target("host"), allowInteractiveAuthentication: true }),
    own("CheckNew", target("component", "comp")),
    own("CheckNew", target("component", "empty")),
  ],
  "everything is here": [own("CheckNew", target("host")), own("CheckNew", target("component", "comp"))],
};

/** Each on a connection of its own, which it ends. */
export const fatal: readonly (string | Uint8Array)[] = [
  "x\0",
  "\0",
  "[]\0",
  '{"method":1}\0',
  '{"method":"a.B","parameters":[]}\0',
  '{"method":"a.B","foo":1}\0',
  '{"method":"a.B","more":true,"oneway":true}\0',
  '{"method":"a.B","method":"a.B"}\0',
  new Uint8Array([...new TextEncoder().encode('{"method":"'), 0xff, ...new TextEncoder().encode('"}'), 0]),
];
