//! What makes no sense on any server is refused by `terraform validate`, at the line it stands in.

use super::alpine;
use crate::support::lab::Lab;

#[test]
fn each_invalid_argument_is_refused_at_its_line() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    let file = "source = \"alpine.tar.gz\"";
    let copy = "source = \"images:alpine/edge\"";
    let pin = format!("fingerprint = \"{}\"", "a".repeat(64));
    let half = "`rootfs` is the second half of a split image: it needs a file as `source`, the metadata half.";
    for (arguments, line, reason) in [
        (
            "public = true",
            "resource \"incus_image\" \"alpine\"",
            "One of `alias`, `fingerprint` and `source` must say which image is meant.",
        ),
        ("source = \"\"", "2: source = \"\"", "A source is \"remote:name\" or a file; this one is empty."),
        (
            "source = \"images:\"",
            "2: source = \"images:\"",
            "The name of the image is missing after \"images:\". A source is \"remote:name\" or a file.",
        ),
        ("alias = \"\"", "2: alias = \"\"", "an alias can't be empty."),
        ("alias = \"a\\nb\"", "2: alias =", "an alias can't contain the control character '\\n'."),
        ("alias = \"..\"", "2: alias = \"..\"", "\"..\" can't be an alias: no request to the server can name it."),
        ("aliases = [\"a\", \"\"]\n  source = \"images:a\"", "2: aliases = [", "an alias can't be empty."),
        (
            "aliases = [null]\n  source = \"images:a\"",
            "2: aliases = [",
            "An alias can't be null. Take it out of the set.",
        ),
        (
            "fingerprint = \"0123\"",
            "2: fingerprint = \"0123\"",
            "a fingerprint has 64 digits, this one has 4. `incus image info` shows the whole fingerprint.",
        ),
        (
            &format!("fingerprint = \"{}\"", "A".repeat(64)),
            "2: fingerprint =",
            "a fingerprint consists of the digits 0-9 and a-f (lower case), not 'A'.",
        ),
        ("alias = \"a\"\n  project = \"\"", "3:   project = \"\"", "the name of a project can't be empty."),
        ("alias = \"a\"\n  project = \"*\"", "3:   project = \"*\"", "\"*\" can't be the name of a project."),
        ("alias = \"a\"\n  project = \"a/b\"", "3:   project = ", "the name of a project can't contain '/'."),
        (
            "alias = \"a\"\n  expires_at = \"tomorrow\"",
            "3:   expires_at =",
            "\"tomorrow\" is neither \"never\" nor a date like 2030-12-31T23:59:59Z (RFC 3339).",
        ),
        (
            "alias = \"a\"\n  properties = { os = \"\" }",
            "3:   properties =",
            "Incus can't store an empty property. Leave it out: what is not listed is not there.",
        ),
        (
            "alias = \"a\"\n  properties = { os = null }",
            "3:   properties =",
            "A property can't be null. Leave it out: what is not listed is not there.",
        ),
        ("alias = \"a\"\n  properties = { \"\" = \"x\" }", "3:   properties =", "A property needs a name."),
        (
            "alias = \"a\"\n  profiles = [\"\"]",
            "3:   profiles =",
            "A profile needs a name. `profiles = []` means none.",
        ),
        (
            "alias = \"a\"\n  profiles = [null]",
            "3:   profiles =",
            "A profile needs a name. `profiles = []` means none.",
        ),
        (
            "alias = \"a\"\n  alias_conflict = \"steal\"",
            "3:   alias_conflict =",
            "\"steal\" is neither \"error\" nor \"take_over\".",
        ),
        (
            "alias = \"a\"\n  adopt_existing = true",
            "3:   adopt_existing = true",
            "Without `source`, the image that is there is always the one that is meant. Take `adopt_existing` out.",
        ),
        ("alias = \"a\"\n  rootfs = \"r\"", "3:   rootfs =", half),
        (&format!("{copy}\n  rootfs = \"r\""), "3:   rootfs =", half),
        (
            &format!("{file}\n  vm = true"),
            "3:   vm = true",
            "A file says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images of a remote.",
        ),
        (
            &format!("{file}\n  auto_update = true"),
            "3:   auto_update = true",
            "The server can't look for newer versions of a file. Take `auto_update` out.",
        ),
        (
            &format!("{copy}\n  {pin}\n  auto_update = true"),
            "4:   auto_update = true",
            "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.",
        ),
        (
            &format!("{file}\n  refresh = true"),
            "3:   refresh = true",
            "A file is looked at in any case. Take `refresh` out.",
        ),
        (
            &format!("{copy}\n  {pin}\n  refresh = true"),
            "4:   refresh = true",
            "An image that is pinned by `fingerprint` has no newer version. Take out one of the two.",
        ),
        (
            &format!("{copy}\n  auto_update = true\n  refresh = true"),
            "4:   refresh = true",
            "With `auto_update` the server brings in newer versions itself. Take out one of the two.",
        ),
        ("alias = \"a\"\n  colour = \"red\"", "3:   colour =", "An argument named \"colour\" is not expected here."),
    ] {
        run.config(&alpine(arguments)).validate().fails_with(reason).shows(line);
    }
}

#[test]
fn each_argument_goes_with_its_kind_of_source() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    let copy = "source = \"images:alpine/edge\"";
    let file = "source = \"alpine.tar.gz\"";
    let web = "source = \"https://example.org/alpine.tar.gz\"";
    let instance = "source_instance = \"web\"";
    let adopted = "alias = \"alpine\"";
    let credentials = "The source can't be used: the address of a file on the web can't contain a user name or password: the server \
                       would show it to everybody.";
    let half = "`rootfs` is the second half of a split image: it needs a file as `source`, the metadata half.";
    let project = "`source_project` says where an image of a remote or an instance is: it needs \"remote:name\" as `source`, or \
                   `source_instance`.";
    let compression = "`compression` says how the image of an instance is packed: it needs `source_instance`.";
    let names = "Only an image of a remote has names there. Take `copy_aliases` out.";
    let mode = "`mode` says how an image comes from a remote: it needs \"remote:name\" as `source`.";
    for (source, argument, reason) in [
        (
            "source = \"http://example.org/a\"",
            "",
            "The source can't be used: the address of a file on the web begins with https:// and names a host.",
        ),
        ("source = \"https://me:secret@example.org/a\"", "", credentials),
        (
            "source_instance = \"a/b/c\"",
            "",
            "\"a/b/c\" names no instance: it is \"NAME\", or \"NAME/SNAPSHOT\" for a snapshot.",
        ),
        (file, instance, "An image comes from `source` or from `source_instance`. Take out one of the two."),
        (web, "rootfs = \"r\"", half),
        (instance, "rootfs = \"r\"", half),
        (file, "source_project = \"p\"", project),
        (web, "source_project = \"p\"", project),
        (adopted, "source_project = \"p\"", project),
        (copy, "compression = \"zstd\"", compression),
        (file, "compression = \"zstd\"", compression),
        (file, "triggers = { at = \"noon\" }", "A file is looked at in any case. Take `triggers` out."),
        (
            adopted,
            "triggers = {}",
            "`triggers` lead to new content from a source: they need `source` or `source_instance`.",
        ),
        (file, "copy_aliases = true", names),
        (instance, "copy_aliases = true", names),
        (file, "mode = \"relay\"", mode),
        (web, "mode = \"push\"", mode),
        (copy, "mode = \"carry\"", "\"carry\" is none of \"pull\", \"push\" and \"relay\"."),
        (
            web,
            "vm = true",
            "A file on the web says itself whether it is a virtual machine image. Leave `vm` out: it selects among the images of a remote.",
        ),
        (
            instance,
            "vm = true",
            "The image is for what the instance is. Leave `vm` out: it selects among the images of a remote.",
        ),
        (
            web,
            "refresh = true",
            "A file on the web is fetched once. Give another `fingerprint`, or change `triggers`, to fetch it again.",
        ),
        (instance, "refresh = true", "An instance changes all the time. Change `triggers` to publish it again."),
        (
            web,
            "auto_update = true",
            "The server can't look for newer versions of a file on the web. Take `auto_update` out.",
        ),
        (
            instance,
            "auto_update = true",
            "The server can't look for newer versions of an instance. Take `auto_update` out.",
        ),
        (
            "source = \"images:alpine/edge\"\n  mode = \"push\"",
            "auto_update = true",
            "The server can only follow what it has pulled. Take out `auto_update` or `mode`.",
        ),
    ] {
        let arguments = [source, argument].join("\n  ");
        let line = arguments.trim_end().lines().last().unwrap().trim().to_owned();
        run.config(&alpine(&arguments)).validate().fails_with(reason).shows(&line);
    }
}

#[test]
fn what_only_the_server_says_can_not_be_configured() {
    let Some(lab) = Lab::start() else { return };
    let source = lab.images().unified("alpine").arguments();
    let run = lab.terraform(&alpine(&format!("size = 3\n  {source}")));
    run.validate().fails_with("`size`").shows("2: size = 3");
}

#[test]
fn each_invalid_argument_of_the_provider_is_refused_at_its_line() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    let remote = |name: &str, address: &str, protocol: &str| {
        format!("remote {{\n    name = \"{name}\"\n    address = \"{address}\"\n    protocol = \"{protocol}\"\n  }}")
    };
    for (argument, line, reason) in [
        ("project = \"\"".to_owned(), "2: project = \"\"", "Invalid project"),
        (
            remote("a:b", "https://example.org", "simplestreams"),
            "3:     name = \"a:b\"",
            "the name of a remote can't be empty nor contain",
        ),
        (
            remote("a", "https://example.org", "simplestream"),
            "5:     protocol = \"simplestream\"",
            "there are incus, simplestreams and oci",
        ),
        (remote("a", "unix://", "simplestreams"), "4:     address =", "needs an https:// address"),
        (remote("a", "http://example.org", "incus"), "4:     address =", "needs an https:// address"),
        (
            remote("a", "ftp://example.org", "simplestreams"),
            "4:     address =",
            "the address of remote \"a\" is not usable",
        ),
    ] {
        run.config(&format!("provider \"incus\" {{\n  {argument}\n}}\ndata \"incus_images\" \"all\" {{}}\n"))
            .validate()
            .fails_with(reason)
            .shows(line);
    }
    run.config("data \"incus_images\" \"all\" {\n  project = \"\"\n}\n")
        .validate()
        .fails_with("Invalid argument")
        .shows("2: project");
}

#[test]
fn what_is_only_known_later_is_refused_then() {
    let Some(lab) = Lab::start() else { return };
    let made = "resource \"terraform_data\" \"made\" { input = \"a\\nb\" }\n";
    let source = lab.images().unified("alpine").arguments();
    let arguments = format!("alias = terraform_data.made.output\n  {source}");
    let run = lab.terraform(&format!("{made}{}", alpine(&arguments)));
    run.validate().succeeds();
    run.apply().fails_with("an alias can't contain the control character").shows("3:   alias =");
    lab.has_no_images();
}
