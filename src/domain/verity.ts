// Which partitions a kernel command line demands by verity hash: their UUIDs are parts of the hash
// (systemd-veritysetup-generator(8), Discoverable Partitions Specification UAPI.2).
import { parseUuid, type Uuid } from "../base/ids.ts";

export interface VerityPartition {
  readonly what: "root" | "root-verity" | "usr" | "usr-verity";
  readonly uuid: Uuid;
}

const longEnough = /^[0-9a-f]{32,1024}$/i;

/** Words of a command line; a value may be quoted whole or in part. */
export function commandLineWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ""));
}

/** The last value of `key=`, as the kernel and systemd take it. */
function lastValue(words: readonly string[], key: string): string | undefined {
  return words.findLast((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
}

/**
 * The first 128 bits of `roothash=` and `usrhash=` name the data partition, the last 128 bits the hash partition.
 * Where the command line names the devices itself, nothing follows from the hash.
 */
export function verityPartitions(commandLine: string): readonly VerityPartition[] {
  const words = commandLineWords(commandLine);
  return (["root", "usr"] as const).flatMap((part): readonly VerityPartition[] => {
    const hash = lastValue(words, `${part}hash`);
    if (hash === undefined || !longEnough.test(hash)) return [];
    const named = (role: string): boolean => lastValue(words, `systemd.verity_${part}_${role}`) !== undefined;
    return [
      ...(named("data") ? [] : [{ what: part, uuid: parseUuid(hash.slice(0, 32)) }]),
      ...(named("hash") ? [] : [{ what: `${part}-verity` as const, uuid: parseUuid(hash.slice(-32)) }]),
    ];
  });
}
