//! The two spellings of an architecture: the kernel's, which Incus stores (`x86_64`), and Debian's, which image servers
//! use (`amd64`). Not a list of what is allowed: an unknown one is compared as it is written.

/// Incus's spelling, then the image servers'. Others are the same in both.
const SPELLINGS: [(&str, &str); 7] = [
    ("x86_64", "amd64"),
    ("aarch64", "arm64"),
    ("armv7l", "armhf"),
    ("armv6l", "armel"),
    ("i686", "i386"),
    ("ppc64le", "ppc64el"),
    ("loongarch64", "loong64"),
];

/// Whether both spellings mean one architecture.
pub fn same(one: &str, other: &str) -> bool {
    incus(one) == incus(other)
}

/// The spelling Incus stores: `x86_64` for `amd64`.
pub fn incus(name: &str) -> &str {
    SPELLINGS.iter().find(|(_, simplestreams)| *simplestreams == name).map_or(name, |(incus, _)| incus)
}

/// The spelling of a simplestreams server: `amd64` for `x86_64`.
pub fn simplestreams(name: &str) -> &str {
    SPELLINGS.iter().find(|(incus, _)| *incus == name).map_or(name, |(_, simplestreams)| simplestreams)
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
        for (incus_name, debian_name) in SPELLINGS {
            assert_eq!(incus(debian_name), incus_name);
            assert_eq!(incus(incus_name), incus_name);
            assert_eq!(simplestreams(incus_name), debian_name);
            assert_eq!(simplestreams(debian_name), debian_name);
        }
        assert_eq!(simplestreams("s390x"), "s390x");
    }
}
