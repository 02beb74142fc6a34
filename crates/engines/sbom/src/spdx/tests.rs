use std::collections::BTreeSet;

use sealwright_testkit::corpus;
use serde_json::Value;

use super::*;
use crate::samples;

fn document(inventory: &Inventory) -> Value {
    serde_json::from_slice(&write(inventory)).unwrap()
}

fn package<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut packages = document["packages"].as_array().unwrap().iter();
    packages.find(|package| package["name"] == name).unwrap()
}

#[test]
fn is_valid_against_the_schema() {
    let Some(root) = corpus("spdx") else {
        return;
    };
    let schema = std::fs::read(root.join("spdx-2.3-schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    for inventory in samples::all() {
        let document = document(&inventory);
        let errors: Vec<_> = validator
            .iter_errors(&document)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", inventory.subject.name);
    }
    // The schema does judge: one wrong word and it refuses.
    let mut wrong = document(&samples::image());
    wrong["packages"][0]["primaryPackagePurpose"] = "THING".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn identifiers_are_unique_and_every_reference_has_its_target() {
    for inventory in samples::all() {
        let document = document(&inventory);
        let packages = document["packages"].as_array().unwrap();
        let ids: BTreeSet<&str> = packages
            .iter()
            .map(|package| package["SPDXID"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), packages.len());
        let mut contained = BTreeSet::new();
        for relationship in document["relationships"].as_array().unwrap() {
            let end = |name: &str| relationship[name].as_str().unwrap();
            let (from, to) = (end("spdxElementId"), end("relatedSpdxElement"));
            assert!(from == "SPDXRef-DOCUMENT" || ids.contains(from), "{from}");
            assert!(ids.contains(to), "{to}");
            if from == SUBJECT && relationship["relationshipType"] == "CONTAINS" {
                contained.insert(to);
            }
        }
        // The subject is linked to all.
        assert_eq!(contained.len() + 1, ids.len());
        let valid = |id: &&str| {
            id.strip_prefix("SPDXRef-")
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        };
        assert!(ids.iter().all(valid));
    }
}

#[test]
fn is_the_same_every_time_and_another_for_other_content() {
    let first = write(&samples::image());
    assert_eq!(first, write(&samples::image()));
    let namespace = |inventory: &Inventory| {
        document(inventory)["documentNamespace"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut other = samples::image();
    other.packages.pop();
    assert_ne!(namespace(&samples::image()), namespace(&other));
    assert!(!namespace(&other).contains(PLACEHOLDER));
}

#[test]
fn says_what_is_known_and_nothing_else() {
    let document = document(&samples::image());
    assert_eq!(document["creationInfo"]["created"], "2023-11-14T22:13:20Z");
    assert_eq!(document["packages"][0]["supplier"], "Organization: Example");
    let deb = package(&document, "a");
    assert_eq!(deb["supplier"], "Organization: Debian");
    assert_eq!(
        deb["originator"],
        "Organization: Some Team (team@lists.example)"
    );
    assert_eq!(deb["versionInfo"], "1:2~rc1+b");
    assert_eq!(
        deb["sourceInfo"],
        "found in var/lib/dpkg/status in layer sha256:layer; built from src 1:2"
    );
    assert_eq!(deb["licenseDeclared"], "NOASSERTION");
    assert_eq!(package(&document, "b")["licenseDeclared"], "NOASSERTION");
    let npm = package(&document, "@s/a");
    assert_eq!(
        npm["downloadLocation"],
        "git+ssh://git@git.example/a.git@0011"
    );
    assert_eq!(npm["checksums"][0]["algorithm"], "SHA1");
    let reference = npm["licenseDeclared"].as_str().unwrap();
    let licenses = document["hasExtractedLicensingInfos"].as_array().unwrap();
    let license = licenses
        .iter()
        .find(|license| license["licenseId"] == reference)
        .unwrap();
    assert_eq!(license["extractedText"], "(MIT OR custom)");
    let python = package(&document, "X_y");
    assert_eq!(python["originator"], "Person: A  B (a@b.example)");
    assert!(python.get("homepage").is_none());
    assert!(
        document["comment"]
            .as_str()
            .unwrap()
            .contains("broken/Cargo.lock")
    );
}

#[test]
fn a_plain_file_is_listed_with_its_hashes_alone() {
    let document = document(&samples::plain_file());
    let packages = document["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 1);
    assert_eq!(packages[0]["packageFileName"], "notes.txt");
    assert_eq!(packages[0]["primaryPackagePurpose"], "FILE");
    let algorithms: Vec<_> = packages[0]["checksums"]
        .as_array()
        .unwrap()
        .iter()
        .map(|checksum| checksum["algorithm"].as_str().unwrap())
        .collect();
    assert_eq!(algorithms, ["SHA256", "SHA512"]);
}

#[test]
fn a_trees_digest_is_no_checksum() {
    let document = document(&samples::directory());
    let subject = &document["packages"][0];
    assert!(subject.get("checksums").is_none());
    assert!(subject["comment"].as_str().unwrap().contains("0707"));
}
