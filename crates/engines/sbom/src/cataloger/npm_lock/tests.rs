use sealwright_testkit::corpus;

use super::*;
use crate::cataloger::testing::Found;
use crate::cataloger::testing::catalog;

fn found(json: &str) -> Found {
    catalog::<NpmLock>(&[("package-lock.json", json.as_bytes())], None)
}

fn purls(found: &Found) -> Vec<String> {
    found
        .packages
        .iter()
        .map(|package| package.purl.to_string())
        .collect()
}

fn edges(found: &Found) -> Vec<(String, String)> {
    let name = |index: usize| {
        let package = &found.packages[index];
        format!(
            "{}@{}",
            package.name,
            package.version.clone().unwrap_or_default()
        )
    };
    let mut edges = Vec::new();
    for (index, package) in found.packages.iter().enumerate() {
        edges.extend(
            package
                .dependencies
                .iter()
                .map(|to| (name(index), name(*to))),
        );
    }
    edges
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    wanted
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect()
}

const V3: &str = r#"{
  "name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "app", "version": "1.0.0", "dependencies": {"a": "^1", "alias": "npm:real@2"}, "devDependencies": {"@scope/tool": "*"}, "workspaces": ["packages/*"]},
    "node_modules/a": {"version": "1.1.0", "resolved": "https://registry.example/a/-/a-1.1.0.tgz", "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==", "license": "MIT", "dependencies": {"b": "^1"}, "peerDependencies": {"b": "*", "absent": "*"}},
    "node_modules/a/node_modules/b": {"version": "1.0.0"},
    "node_modules/b": {"version": "2.0.0", "optional": true, "license": {"type": "BSD"}, "optionalDependencies": {"c": "*"}},
    "node_modules/c": {"version": "3.0.0", "hasInstallScript": true, "resolved": "git+ssh://git@git.example/c.git#00112233"},
    "node_modules/alias": {"name": "real", "version": "2.0.0"},
    "node_modules/@scope/tool": {"version": "0.1.0", "dev": true, "dependencies": {"b": "2"}},
    "node_modules/inner": {"resolved": "packages/inner", "link": true},
    "packages/inner": {"version": "0.0.1", "dependencies": {"a": "1"}, "devDependencies": {"c": "*"}}
  }
}"#;

#[test]
fn reads_version_3() {
    let found = found(V3);
    assert_eq!(
        purls(&found),
        [
            "pkg:npm/app@1.0.0",
            "pkg:npm/a@1.1.0",
            "pkg:npm/b@1.0.0",
            "pkg:npm/b@2.0.0",
            "pkg:npm/c@3.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40git.example%2Fc.git%4000112233",
            "pkg:npm/real@2.0.0",
            "pkg:npm/%40scope/tool@0.1.0",
            "pkg:npm/inner@0.0.1",
        ]
    );
    let scopes: Vec<_> = found.packages.iter().map(|package| package.scope).collect();
    use Scope::Development;
    use Scope::Optional;
    use Scope::Required;
    assert_eq!(
        scopes,
        [
            Required,
            Required,
            Required,
            Optional,
            Required,
            Required,
            Development,
            Required
        ]
    );
    let a = &found.packages[1];
    assert_eq!(a.license, Some(License::Expression("MIT".to_owned())));
    assert!(
        a.checksums
            .first()
            .unwrap()
            .hex()
            .starts_with("cf83e1357eefb8bd")
    );
    assert_eq!(
        a.download.as_deref(),
        Some("https://registry.example/a/-/a-1.1.0.tgz")
    );
}

#[test]
fn resolves_names_as_node_does() {
    assert_eq!(
        edges(&found(V3)),
        pairs(&[
            ("app@1.0.0", "a@1.1.0"),
            ("app@1.0.0", "real@2.0.0"),
            ("app@1.0.0", "@scope/tool@0.1.0"),
            // The nearest one, not the one of the same name further up.
            ("a@1.1.0", "b@1.0.0"),
            ("b@2.0.0", "c@3.0.0"),
            ("@scope/tool@0.1.0", "b@2.0.0"),
            ("inner@0.0.1", "a@1.1.0"),
            ("inner@0.0.1", "c@3.0.0"),
        ])
    );
}

#[test]
fn reads_version_1() {
    let found = found(
        r#"{"name": "app", "version": "1.0.0", "lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.1.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "requires": {"b": "^1", "c": "*"},
                  "dependencies": {"b": {"version": "1.0.0", "requires": {"c": "*"}}}},
            "b": {"version": "2.0.0", "dev": true, "requires": true},
            "c": {"version": "npm:real@3.0.0"},
            "d": {"version": "git+https://git.example/d.git#0011", "from": "d@x"},
            "old": {"version": "0.0.1", "requires": false}
        }}"#,
    );
    assert_eq!(
        purls(&found),
        [
            "pkg:npm/a@1.1.0",
            "pkg:npm/b@1.0.0",
            "pkg:npm/b@2.0.0",
            "pkg:npm/real@3.0.0",
            "pkg:npm/d?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fd.git%400011",
            "pkg:npm/old@0.0.1",
            "pkg:npm/app@1.0.0",
        ]
    );
    assert_eq!(
        edges(&found),
        pairs(&[
            ("a@1.1.0", "b@1.0.0"),
            ("a@1.1.0", "real@3.0.0"),
            ("b@1.0.0", "real@3.0.0"),
            ("app@1.0.0", "a@1.1.0"),
            ("app@1.0.0", "d@"),
            ("app@1.0.0", "old@0.0.1"),
        ])
    );
}

#[test]
fn version_2_is_read_by_its_packages() {
    let both = V3.replacen(
        "\"packages\": {",
        "\"dependencies\": {\"other\": {\"version\": \"9.9.9\"}}, \"packages\": {",
        1,
    );
    assert_eq!(purls(&found(&both)), purls(&found(V3)));
}

#[test]
fn reads_installed_trees_and_leaves_dependencies_lock_files_alone() {
    let count = |path: &str| {
        catalog::<NpmLock>(&[(path, V3.as_bytes())], None)
            .packages
            .len()
    };
    assert_eq!(count("app/node_modules/.package-lock.json"), 8);
    assert_eq!(count("app/npm-shrinkwrap.json"), 8);
    assert_eq!(count("app/node_modules/x/package-lock.json"), 0);
    assert_eq!(
        count("app/node_modules/x/node_modules/.package-lock.json"),
        0
    );
    assert_eq!(count("app/.package-lock.json"), 0);
}

#[test]
fn reports_what_is_no_lock_file() {
    for json in [
        "",
        "{}",
        "[]",
        "{\"packages\": 3}",
        "{\"packages\": {\"node_modules/a\": 3}}",
        "{\"packages\": {}} x",
    ] {
        assert_eq!(found(json).problems.len(), 1, "{json}");
    }
    let long = format!(
        "{{\"packages\": {{\"{}\": {{}}}}}}",
        "node_modules/a/".repeat(100)
    );
    assert_eq!(found(&long).problems.len(), 1);
    let deep = format!(
        "{}{}",
        "{\"dependencies\":{\"a\":".repeat(200),
        "}}".repeat(200)
    );
    assert_eq!(found(&deep).problems.len(), 1);
}

#[test]
fn reads_a_large_project_whole() {
    let Some(root) = corpus("bench-sbom") else {
        return;
    };
    let json = std::fs::read(root.join("npm/package-lock.json")).unwrap();
    let found = catalog::<NpmLock>(&[("package-lock.json", &json)], None);
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let packages = value["packages"].as_object().unwrap();
    let locked = packages
        .values()
        .filter(|entry| entry["link"] != true)
        .count();
    assert_eq!(found.packages.len(), locked);
    // Every non-optional name that a package asks for is found.
    let asked: usize = packages
        .values()
        .map(|entry| {
            entry["dependencies"]
                .as_object()
                .map_or(0, serde_json::Map::len)
        })
        .sum();
    assert!(
        found.edges().len() >= asked,
        "{} of {asked}",
        found.edges().len()
    );
}

#[test]
fn truncation_anywhere_never_panics() {
    for length in 0..V3.len() {
        assert_eq!(found(&V3[..length]).problems.len(), 1);
    }
}
