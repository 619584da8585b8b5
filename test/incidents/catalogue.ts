// Forty failures of real updaters. Each that concerns what is built has a test of its name in this folder; the others say
// what they wait for.

export interface Incident {
  readonly what: string;
  readonly links: readonly string[];
  /** Why nothing here can have it yet. */
  readonly waits?: string;
}

const github = "https://github.com";
const systemd = (number: number): string => `${github}/systemd/systemd/issues/${number}`;
const kdeLinux = (commit: string): string => `https://invent.kde.org/kde-linux/kde-linux/-/commit/${commit}`;
const issue = (repository: string, number: number): string => `${github}/${repository}/issues/${number}`;
const fcos = (number: number): string => issue("coreos/fedora-coreos-tracker", number);
const silverblue = (number: number): string => issue("fedora-silverblue/issue-tracker", number);
const flatcar = (number: number): string => issue("flatcar/Flatcar", number);
const steamOs = (number: number): string => issue("ValveSoftware/SteamOS", number);
const metaBalena = (number: number): string => issue("balena-os/meta-balena", number);

const merging = "/etc is not merged yet";

/** E1, E2 ...: as the tests are named. */
export type IncidentName = `E${number}`;

export const incidents: Readonly<Record<IncidentName, Incident>> = {
  E1: { what: "a root image is skipped, and its boot entry installed", links: [systemd(41288)] },
  E2: { what: "a half-done version is taken for a complete one", links: [systemd(42186)] },
  E3: { what: "with every entry bad the newest, the broken one, boots for ever", links: [systemd(41288)] },
  E4: { what: "the loader's default is pinned to a bad entry", links: [systemd(40192)] },
  E5: {
    what: "a healthy version is marked bad by power cuts",
    links: [kdeLinux("71bd5a9"), issue("rauc/rauc", 490), metaBalena(1316)],
  },
  E6: {
    what: "nothing ever marks a version good",
    links: [issue("p2pool-starter-stack/pithead", 793)],
  },
  E7: { what: "what was rolled back from is offered again, in a loop", links: [fcos(247)] },
  E8: {
    what: "fsck finds two entries of one name, and a removed version comes back",
    links: [`${github}/canonical/snapd/pull/5145`],
  },
  E9: {
    what: "a rename on FAT is cut in two",
    links: [metaBalena(1983), issue("coreos/bootupd", 454), issue("nix-community/lanzaboote", 83)],
  },
  E10: {
    what: "an update is not on the medium when it is said to be done",
    links: [issue("home-assistant/operating-system", 1125)],
  },
  E11: {
    what: "the loader cannot write its counter, and nothing falls back",
    links: [issue("balena-os/balena-raspberrypi", 470)],
  },
  E12: {
    what: "files are empty after a power cut, because they were renamed before they were flushed",
    links: [`${github}/ID-Robots/clawbox/pull/894`],
  },
  E13: {
    what: "the ESP is full, and the update says success",
    links: [fcos(1493), fcos(819), fcos(1637), silverblue(626), issue("ostreedev/ostree", 1648)],
  },
  E14: { what: "a copy that failed leaves its part, and the ESP full", links: [flatcar(1850)] },
  E15: { what: "a full ESP is called an I/O error", links: [systemd(39638)] },
  E16: { what: "room is made by deleting the only fallback", links: [issue("ostreedev/ostree", 2847)] },
  E17: {
    what: "the boot loader is too old for the new version",
    links: [silverblue(120), silverblue(595), issue("coreos/rpm-ostree", 3715)],
  },
  E18: {
    what: "the machine comes back on the old version, and the new one is installed again and again",
    links: [flatcar(1924), flatcar(130), steamOs(2628), metaBalena(1918)],
  },
  E19: {
    what: "the fallback is the version before the last good one",
    links: [issue("siderolabs/talos", 10364)],
  },
  E20: { what: "the new version cannot update itself again", links: [steamOs(1132)] },
  E21: { what: "the state cannot be written, and updating stops", links: [steamOs(1695)] },
  E22: {
    what: "protection against older versions refuses the fallback",
    links: ["https://www.androidpolice.com/pixel-6-partition-anti-boot-android-13/"],
  },
  E23: {
    what: "one broken release reaches everybody at once",
    links: ["https://crosscheck.cloud/blogs/crowdstrike-outage-qa-lessons"],
    waits: "there is no fleet server yet",
  },
  E24: {
    what: "a version that fails is rebooted, and never left",
    links: [issue("fedora-iot/greenboot", 105), issue("fedora-iot/greenboot", 221)],
  },
  E25: { what: "a check that waits for the network rolls back", links: [] },
  E26: { what: "a switch is called done that the medium did not take", links: [issue("rauc/rauc", 1140)] },
  E27: {
    what: "a step after the switch fails, and nobody can tell what boots next",
    links: [issue("balena-os/balenahup", 294)],
  },
  E28: {
    what: "the state is written by a newer version and lost by an older one",
    links: [`${github}/canonical/snapd/pull/9368`],
  },
  E29: {
    what: "a file where a folder was stops the merge of /etc",
    links: [issue("bootc-dev/bootc", 2285)],
    waits: merging,
  },
  E30: { what: "an update brings back a file of default content", links: [], waits: merging },
  E31: { what: "one .transfer file masks every .conf file", links: [kdeLinux("2fbbee1")] },
  E32: {
    what: "a transfer is retired, and old machines never hear of a new version",
    links: [kdeLinux("90d44c1")],
  },
  E33: {
    what: "chunks that are in use are cleaned away",
    links: [kdeLinux("4f88901"), kdeLinux("8748d74")],
  },
  E34: { what: "the list and its signature are replaced one after the other", links: [systemd(38774)] },
  E35: {
    what: "a mirror lacks something, and its machines go to the public server",
    links: [issue("flatcar/nebraska", 381), flatcar(1281)],
    waits: "mirrors are not built yet",
  },
  E36: { what: "a portal answers with a web page and status 200", links: [issue("flatcar/nebraska", 711)] },
  E37: {
    what: "a damaged seed stops a delta",
    links: [issue("folbricht/desync", 117)],
    waits: "deltas are not built yet",
  },
  E38: { what: "an image is written in part, and its header looks right", links: [`${github}/rauc/rauc/pull/1244`] },
  E39: { what: "the loader's own writes damage the ESP", links: [systemd(42979)] },
  E40: {
    what: "an installation is broken off, and the disk does not boot",
    links: [kdeLinux("2fd1d8f")],
    waits: "there is no installer yet",
  },
};
