//! `sealwright sbom …`.

use crate::harness::Sandbox;

const LOCK: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["itoa"]

[[package]]
name = "itoa"
version = "1.0.15"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "4a5f13b858c8d314ee3e8f639011f7ccefe71f97f96e50151fb991f267928e2c"
"#;

#[test]
fn shows_what_the_verified_sbom_lists() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/Cargo.lock", LOCK);
    sandbox.seal("dir:tree");
    let run = sandbox.run(&["sbom", "show", "dir:tree"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("itoa\t1.0.15\tpkg:cargo/itoa@1.0.15\n"),
        "{}",
        run.stdout
    );
    sandbox.write("tree/Cargo.lock", "changed");
    sandbox
        .run(&["sbom", "show", "dir:tree"])
        .fails_with(1, "artifact.digest-mismatch");
}

#[test]
fn generates_both_formats_bit_identically() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/Cargo.lock", LOCK);
    for format in ["spdx", "cyclonedx"] {
        let generate = || sandbox.run(&["sbom", "generate", "dir:tree", "-o", format]);
        let first = generate();
        assert_eq!(first.code, 0, "{}", first.stderr);
        assert!(first.stdout.contains("pkg:cargo/itoa@1.0.15"));
        assert_eq!(first.stdout, generate().stdout);
    }
}
