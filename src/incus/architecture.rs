//! The two spellings of an architecture: the kernel's, which Incus stores (`x86_64`), and Debian's, which image servers
//! use (`amd64`). Not a list of what is allowed: an unknown one is compared as it is written.

use std::env;

/// The architectures that Incus knows: its own spelling, then all others that it takes, the image servers' first.
const SPELLINGS: [(&str, &[&str]); 15] = [
    ("x86_64", &["amd64", "generic_64", "x86_64_v1", "x86_64_v2", "x86_64_v3", "x86_64_v4"]),
    ("aarch64", &["arm64", "arm64_generic"]),
    ("armv8l", &[]),
    ("armv7l", &["armhf", "armhfp", "armv7a_hardfp", "armv7", "armv7a_vfpv3_hardfp"]),
    ("armv6l", &["armel", "arm"]),
    ("i686", &["i386", "i586", "386", "x86", "generic_32"]),
    ("ppc64le", &["ppc64el"]),
    ("ppc64", &["powerpc64"]),
    ("ppc", &["powerpc"]),
    ("s390x", &[]),
    ("riscv64", &[]),
    ("riscv32", &[]),
    ("loongarch64", &["loong64"]),
    ("mips64", &["mips64el", "mips64le"]),
    ("mips", &["mipsel", "mipsle"]),
];

/// That of this machine, in Incus's spelling.
pub fn native() -> &'static str {
    match env::consts::ARCH {
        "arm" => "armv7l",
        "x86" => "i686",
        "powerpc64" => "ppc64le",
        other => incus(other),
    }
}

/// Whether both spellings mean one architecture.
pub fn same(one: &str, other: &str) -> bool {
    incus(one) == incus(other)
}

/// The spelling Incus stores: `x86_64` for `amd64`.
pub fn incus(name: &str) -> &str {
    known(name).unwrap_or(name)
}

/// The spelling Incus stores, if Incus knows the architecture. It passes over images of others.
pub fn known(name: &str) -> Option<&'static str> {
    let mut spellings = SPELLINGS.iter();
    spellings.find(|(incus, others)| *incus == name || others.contains(&name)).map(|(incus, _)| *incus)
}

/// The spelling of a simplestreams server: `amd64` for `x86_64`.
pub fn simplestreams(name: &str) -> &str {
    let others = SPELLINGS.iter().find(|(incus, _)| *incus == name).map(|(_, others)| *others);
    others.and_then(<[&str]>::first).copied().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_architecture_are_the_same() {
        assert!(same("amd64", "x86_64"));
        assert!(same("aarch64", "arm64"));
        assert!(same("riscv64", "riscv64"));
        assert!(!same("armhf", "armel"));
        assert!(!same("amd64", "arm64"));
    }

    #[test]
    fn each_side_gets_its_own_spelling() {
        for (incus_name, others) in SPELLINGS {
            assert_eq!(incus(incus_name), incus_name);
            for other in others {
                assert_eq!(incus(other), incus_name);
            }
        }
        assert_eq!((simplestreams("x86_64"), simplestreams("amd64")), ("amd64", "amd64"));
        assert_eq!((simplestreams("s390x"), incus("vax"), known("vax")), ("s390x", "vax", None));
    }
}
