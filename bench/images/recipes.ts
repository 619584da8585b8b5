// Which operating systems the benches of deltas pack, and which of them are compared: pairs as users meet them, made of
// Debian packages. What they hold is what the mirror has on the day; `image-pair.ts` writes down what that was.

/** A set of packages of some suites and all they depend on, unpacked one over the other. */
export interface System {
  /** As the adapter for Debian takes them: `trixie+trixie-security`. */
  readonly suites: string;
  readonly packages: readonly string[];
  /** The images that are packed from it. */
  readonly images: readonly SystemImage[];
}

export interface SystemImage {
  readonly name: string;
  /** Kernel modules are stored as `.ko`, not as `.ko.xz`: only the image compresses them. */
  readonly plainModules: boolean;
}

const words = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(" "));

const desktop = words(
  "systemd systemd-sysv linux-image-amd64 network-manager pipewire-pulse wireplumber flatpak",
  "libgl1-mesa-dri mesa-vulkan-drivers mesa-va-drivers fonts-noto-core",
  "plasma-desktop plasma-workspace plasma-nm plasma-pa plasma-systemmonitor sddm",
  "konsole dolphin kate okular gwenview ark kde-spectacle firefox-esr",
);

const small = words("curl tzdata libnss3 xz-utils libpng-tools libevent-2.1-7t64 libbrotli1 libpcre2-16-0");

const plain = (name: string): readonly SystemImage[] => [{ name, plainModules: false }];

const bothWays = (name: string): readonly SystemImage[] => [
  { name, plainModules: false },
  { name: `${name}-plain`, plainModules: true },
];

const withSecurity = "trixie+trixie-security+trixie-updates";

export const systems: readonly System[] = [
  { suites: "trixie", packages: small, images: plain("small") },
  { suites: withSecurity, packages: small, images: plain("small-secured") },
  { suites: "trixie", packages: desktop, images: plain("stable") },
  { suites: withSecurity, packages: desktop, images: plain("stable-secured") },
  { suites: "forky", packages: desktop, images: bothWays("testing") },
  { suites: "sid", packages: desktop, images: bothWays("unstable") },
];

export type PairName = "small" | "security" | "rolling" | "rolling-plain";

/** From the older to the newer. */
export const pairs: Readonly<Record<PairName, readonly [older: string, newer: string]>> = {
  small: ["small", "small-secured"],
  security: ["stable", "stable-secured"],
  rolling: ["testing", "unstable"],
  "rolling-plain": ["testing-plain", "unstable-plain"],
};
