// What the simulation took the machine to be, and which of it nobody had said.
import { linuxGeneric, partitionTypeName } from "../../format/partition-types.ts";
import { roleOf } from "../../domain/role.ts";
import type { DefinitionFile, DefinitionPlace } from "./definition-files.ts";
import { packingOf } from "./kind.ts";
import type { Lab } from "./lab.ts";
import { folderOfTarget } from "./own-world.ts";
import type { SimulationReport } from "./report.ts";
import { versionRooms } from "./volumes.ts";

type Described = Pick<
  SimulationReport,
  "folders" | "component" | "features" | "transfers" | "volumes" | "slots" | "assumptions"
>;

export function describePlaces(
  lab: Lab,
  request: { readonly place: DefinitionPlace; readonly osRelease: string | undefined },
): Described {
  const { shape, definitions, files } = lab.options;
  const rooms = new Map(versionRooms(lab.transfers, shape).map((room) => [room.mountPoint, room.versionBytes]));
  return {
    folders: definitions.folders,
    component: request.place.component,
    features: definitions.features.map(({ id, enabled }) => ({ feature: id, enabled })),
    transfers: lab.transfers.map((transfer) => {
      const { source, target } = transfer;
      const size = shape.sizes.get(transfer.id);
      const type = partitionTypeName(target.partitionType ?? linuxGeneric) ?? "partition";
      return {
        transfer: transfer.id,
        source: `${source.path.replace(/\/$/, "")}/${source.patterns[0]?.text ?? ""}`,
        target:
          target.type === "partition"
            ? `${type} of ${target.path === "auto" ? "the disk of /" : target.path}`
            : `${folderOfTarget(transfer, shape).replace(/\/$/, "")}/${target.patterns[0]?.text ?? ""}`,
        role: roleOf(target),
        contentBytes: size?.contentBytes ?? 0,
        travelBytes: size?.travelBytes ?? 0,
        sizeFrom: size?.from ?? "assumed",
      };
    }),
    volumes: shape.volumes.map((volume) => ({ ...volume, versionBytes: rooms.get(volume.mountPoint) })),
    slots: shape.slots.map(({ type, ...slots }) => ({ ...slots, partitionType: partitionTypeName(type) ?? type })),
    assumptions: assumptionsOf(lab, files, request.osRelease),
  };
}

const specifiers: Readonly<Record<string, string>> = {
  a: "%a is x86-64",
  M: "%M (IMAGE_ID) is demo",
  o: "%o (ID) is demo",
  w: "%w (VERSION_ID) is 1",
  W: "%W (VARIANT_ID) is demo",
  B: "%B (BUILD_ID) is 1",
  m: "%m (the machine id) is made up",
  H: "%H (the host name) is simulated",
  v: "%v (the kernel) is 6.12.0-simulated",
};

function assumptionsOf(lab: Lab, files: readonly DefinitionFile[], osRelease: string | undefined): readonly string[] {
  const text = files.map((file) => file.text ?? "").join("\n");
  const used = new Set([...text.matchAll(/%([A-Za-z])/g)].map(([, letter = ""]) => letter));
  const asked = Object.entries(specifiers).filter(([letter]) => used.has(letter));
  const said = asked.filter(([letter]) => osRelease === undefined || !"MowWB".includes(letter));
  const compressed = lab.transfers.some((transfer) => packingOf(transfer) !== undefined);
  return [
    "Room is computed with the sizes above; power is cut on contents of at most 20 KiB, on file systems shrunk alike.",
    ...(said.length > 0 ? [`${said.map(([, what]) => what).join(", ")}.`] : []),
    ...(compressed ? ["What is compressed travels at 40 % of its size unless you say otherwise."] : []),
    ...(lab.hasEntries
      ? ["The boot loader is systemd-boot; kernels panic and reboot where something is damaged."]
      : []),
  ];
}
