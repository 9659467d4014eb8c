//! What a name means, on image servers of different make.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NATIVE: [&str; 2] = ["x86_64", "i686"];

/// A product with one container image a version: its fingerprint consists of the digit.
fn product(aliases: &str, arch: &str, variant: &str, versions: &[(&str, &str)]) -> Value {
    let versions: serde_json::Map<String, Value> = versions
        .iter()
        .map(|(serial, digit)| {
            let metadata = json!({
                "ftype": "incus.tar.xz", "path": "m", "size": 1, "combined_squashfs_sha256": digit.repeat(64),
            });
            (
                (*serial).to_owned(),
                json!({"items": {"m": metadata, "r": {"ftype": "squashfs", "path": "r", "size": 2}}}),
            )
        })
        .collect();
    json!({"aliases": aliases, "arch": arch, "os": "Tiny", "release": "1", "variant": variant, "versions": versions})
}

/// The same for a virtual machine.
fn machine(aliases: &str, arch: &str, digit: &str) -> Value {
    let metadata = json!({
        "ftype": "incus.tar.xz", "path": "m", "size": 1, "combined_disk-kvm-img_sha256": digit.repeat(64),
    });
    let items = json!({"items": {"m": metadata, "r": {"ftype": "disk-kvm.img", "path": "r", "size": 2}}});
    json!({"aliases": aliases, "arch": arch, "os": "Tiny", "release": "1", "versions": {"20260101": items}})
}

impl Catalog {
    /// The images of these products.
    pub(crate) fn of_products(products: &[Value]) -> Self {
        let places = (0..products.len()).map(|place| place.to_string());
        let products: serde_json::Map<_, _> = places.zip(products.iter().cloned()).collect();
        Self::new(Self::images_of(json!({ "products": products }).to_string().as_bytes()).unwrap())
    }
}

fn names(aliases: &[Arc<str>]) -> Vec<&str> {
    aliases.iter().map(|alias| &**alias).collect()
}

/// The first digit of the fingerprint found.
fn found(catalog: &Catalog, name: &str, image_type: Option<ImageType>, architecture: Option<&str>) -> Option<char> {
    let native = NATIVE.map(str::to_owned);
    catalog.resolve(name, image_type, architecture, &native)?.fingerprint.as_str().chars().next()
}

#[test]
fn a_name_means_the_newest_version() {
    let catalog = Catalog::of_products(&[product(
        "tiny",
        "amd64",
        "",
        &[("20260101_13:00", "a"), ("20260103_01:00", "c"), ("20260102", "b")],
    )]);
    assert_eq!(found(&catalog, "tiny", None, None), Some('c'));
    let serials: Vec<_> = catalog.images().iter().map(StreamImage::serial).collect();
    assert_eq!(serials, ["20260103_01:00", "20260102", "20260101_13:00"]);
    assert_eq!(names(&catalog.images()[0].aliases), ["tiny"]);
    assert_eq!(names(&catalog.images()[0].qualified_aliases), ["tiny/amd64"]);
    assert!(catalog.images()[1].aliases.is_empty() && catalog.images()[1].qualified_aliases.is_empty());
}

#[test]
fn the_first_in_rank_claims_a_name() {
    let older = product("tiny,tiny/cloud", "amd64", "cloud", &[("20260109", "b")]);
    let catalog = Catalog::of_products(&[older, product("tiny,tiny,", "amd64", "acloud", &[("20260101", "a")])]);
    assert_eq!(found(&catalog, "tiny", None, None), Some('a'));
    assert_eq!(found(&catalog, "tiny/cloud", None, None), Some('b'));
    assert_eq!(names(&catalog.images()[0].aliases), ["tiny"]);
    assert_eq!(names(&catalog.images()[1].aliases), ["tiny/cloud"]);
    assert_eq!(found(&catalog, "", None, None), None);
}

#[test]
fn the_servers_own_architecture_comes_first_then_what_it_can_run_then_any() {
    let of = |arch, digit| product("tiny", arch, "", &[("20260101", digit)]);
    let all = Catalog::of_products(&[of("arm64", "a"), of("i386", "b"), of("amd64", "c")]);
    assert_eq!(found(&all, "tiny", None, None), Some('c'));
    assert_eq!(found(&all, "tiny", None, Some("i686")), Some('b'));
    assert_eq!(found(&all, "tiny", None, Some("aarch64")), Some('a'));
    assert_eq!(found(&all, "tiny/arm64", None, None), Some('a'));
    assert_eq!(found(&all, "tiny/arm64", None, Some("amd64")), None);
    assert_eq!(found(&all, "tiny/aarch64", None, None), None);
    assert_eq!(found(&Catalog::of_products(&[of("arm64", "a"), of("i386", "b")]), "tiny", None, None), Some('b'));
    assert_eq!(found(&Catalog::of_products(&[of("arm64", "a")]), "tiny", None, None), Some('a'));
}

#[test]
fn a_container_is_meant_unless_a_virtual_machine_is_asked_for() {
    let both =
        Catalog::of_products(&[machine("tiny,big", "amd64", "b"), product("tiny", "arm64", "", &[("20260101", "a")])]);
    assert_eq!(found(&both, "tiny", None, None), Some('a'));
    assert_eq!(found(&both, "tiny", Some(ImageType::VirtualMachine), None), Some('b'));
    assert_eq!(found(&both, "big", None, None), Some('b'));
    assert_eq!(found(&both, "big", Some(ImageType::Container), None), None);
    assert_eq!(both.with_alias("tiny").count(), 2);
}

#[test]
fn what_is_no_alias_may_be_the_beginning_of_a_fingerprint() {
    let alike = "ab".repeat(32);
    let catalog = Catalog::of_products(&[
        product("tiny", "amd64", "", &[("20260101", "a"), ("20260102", "b")]),
        product("twin", "arm64", "", &[("20260101", "a")]),
        product("bbbbbbbbbbbb", "amd64", "", &[("20260101", "c")]),
    ]);
    assert_eq!(found(&catalog, &"a".repeat(12), Some(ImageType::VirtualMachine), None), Some('a'));
    assert_eq!(found(&catalog, &"b".repeat(12), None, None), Some('c'), "an alias comes first");
    assert_eq!(found(&catalog, &"b".repeat(13), None, None), Some('b'));
    for name in [&*"a".repeat(11), &alike, "elsewhere"] {
        assert_eq!(found(&catalog, name, None, None), None, "{name}");
    }
}

#[test]
fn an_ambiguous_fingerprint_means_nothing() {
    let one = |hash: &str| {
        let item = json!({"ftype": "incus_combined.tar.gz", "path": "p", "size": 1, "sha256": hash});
        json!({"arch": "amd64", "versions": {"20260101": {"items": {"i": item}}}})
    };
    let start = "a".repeat(20);
    let catalog =
        Catalog::of_products(&[one(&format!("{start}{}", "b".repeat(44))), one(&format!("{start}{}", "c".repeat(44)))]);
    assert_eq!(found(&catalog, &start, None, None), None);
    assert_eq!(found(&catalog, &format!("{start}b"), None, None), Some('a'));
}

#[test]
fn the_aliases_to_copy_depend_on_the_server() {
    let catalog = Catalog::of_products(&[product("tiny,t", "amd64", "", &[("20260101", "a")])]);
    let aliases = |native| catalog.images()[0].aliases_on(native).collect::<Vec<_>>();
    assert_eq!(aliases("x86_64"), ["tiny", "t", "tiny/amd64", "t/amd64"]);
    assert_eq!(aliases("aarch64"), ["tiny/amd64", "t/amd64"]);
}

#[test]
fn a_misspelt_alias_is_answered_with_the_nearest() {
    let catalog = Catalog::of_products(&[
        product("debian/12,debian/bookworm", "amd64", "", &[("20260101", "a")]),
        product("alpine/edge", "arm64", "", &[("20260101", "b")]),
    ]);
    assert_eq!(catalog.nearest("debain/12"), ["debian/12"]);
    assert_eq!(catalog.nearest("alpine/egde/arm64"), ["alpine/edge/arm64"]);
    assert!(catalog.nearest("windows").is_empty());
}

/// Anything that JSON can say, in the words of simplestreams.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("incus.tar.xz"),
        Just("squashfs"),
        Just("disk-kvm.img"),
        Just("incus_combined.tar.gz"),
        Just("amd64"),
        Just("arm64"),
        Just("a,b,a"),
        Just("20260101"),
        Just("2026-01-01"),
        Just("\u{fc}\"\\\n"),
        Just(""),
    ];
    let hash = (0_u8..4).prop_map(|digit| digit.to_string().repeat(64));
    let key = prop_oneof![
        Just("products"),
        Just("versions"),
        Just("20260101"),
        Just("20260102_1"),
        Just("items"),
        Just("ftype"),
        Just("path"),
        Just("size"),
        Just("sha256"),
        Just("combined_squashfs_sha256"),
        Just("combined_disk-kvm-img_sha256"),
        Just("aliases"),
        Just("arch"),
        Just("requirements"),
        Just("\u{fc}berlang"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
        hash.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>()),
        ]
    })
}

/// A products file that is right but for some of its parts.
fn any_file() -> impl Strategy<Value = Value> {
    let item = |ftype: &'static str| {
        (any_json(), 0_u8..6, any::<bool>()).prop_map(move |(odd, digit, right)| match right {
            true => json!({
                "ftype": ftype, "path": "p", "size": u64::MAX, "sha256": digit.to_string().repeat(64),
                "combined_squashfs_sha256": digit.to_string().repeat(64),
            }),
            false => odd,
        })
    };
    let version = || {
        (item("incus.tar.xz"), item("squashfs"), item("incus_combined.tar.gz"))
            .prop_map(|(one, two, three)| json!({"items": {"a": one, "b": two, "c": three}}))
    };
    let arch = prop_oneof![Just("amd64"), Just("x86_64"), Just("arm64")];
    let product = (any_json(), arch, version(), version(), "[ab]?,[ab/]{1,2}").prop_map(|(odd, arch, old, new, aliases)| {
        json!({"arch": arch, "aliases": aliases, "os": odd, "versions": {"20260101": old, "20260102": new, "x": odd}})
    });
    prop::collection::btree_map("[a-c]", product, 0..4).prop_map(|products| json!({"products": products}))
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Catalog::images_of(&bytes).map(Catalog::new);
        let _ = products::paths(&bytes);
    }

    #[test]
    fn every_name_belongs_to_one_image_of_a_type_and_architecture(file in prop_oneof![any_json(), any_file()]) {
        let file = file.to_string();
        let _ = products::paths(file.as_bytes());
        let Ok(images) = Catalog::images_of(file.as_bytes()) else { return Ok(()) };
        let catalog = Catalog::new(images);
        for image in catalog.images() {
            for name in image.names() {
                let found = catalog.resolve(name, Some(image.image_type), Some(image.architecture()), &[]);
                prop_assert!(found.is_some_and(|found| std::ptr::eq(found, image)));
            }
        }
    }
}
