use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sealwright_testkit::corpus;
use serde_json::Value;

use super::*;
use crate::samples;

fn document(inventory: &Inventory) -> Value {
    serde_json::from_slice(&write(inventory)).unwrap()
}

#[test]
fn is_valid_against_the_schema() {
    let Some(root) = corpus("cyclonedx") else {
        return;
    };
    let schema = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(root.join("schema").join(name)).unwrap()).unwrap()
    };
    let registry = jsonschema::Registry::new()
        .add(
            "http://cyclonedx.org/schema/spdx.schema.json",
            schema("spdx.schema.json"),
        )
        .unwrap()
        .add(
            "http://cyclonedx.org/schema/jsf-0.82.schema.json",
            schema("jsf-0.82.schema.json"),
        )
        .unwrap()
        .prepare()
        .unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("bom-1.6.schema.json"))
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
    wrong["components"][0]["scope"] = "sometimes".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn every_component_has_one_entry_in_the_graph_and_is_reached_from_the_subject() {
    for inventory in samples::all() {
        let document = document(&inventory);
        let components = document["components"].as_array().unwrap();
        let mut references: BTreeSet<&str> = components
            .iter()
            .map(|component| component["bom-ref"].as_str().unwrap())
            .collect();
        assert_eq!(references.len(), components.len());
        references.insert(SUBJECT);
        let mut graph = BTreeMap::new();
        for entry in document["dependencies"].as_array().unwrap() {
            let on: Vec<&str> = entry["dependsOn"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|to| to.as_str().unwrap())
                .collect();
            assert!(on.iter().all(|to| references.contains(to)));
            assert!(graph.insert(entry["ref"].as_str().unwrap(), on).is_none());
        }
        assert_eq!(graph.keys().copied().collect::<BTreeSet<_>>(), references);
        let mut reached = BTreeSet::new();
        let mut stack = vec![SUBJECT];
        while let Some(reference) = stack.pop() {
            if reached.insert(reference) {
                stack.extend(&graph[reference]);
            }
        }
        assert_eq!(reached, references);
    }
}

#[test]
fn is_the_same_every_time_and_another_for_other_content() {
    let first = write(&samples::image());
    assert_eq!(first, write(&samples::image()));
    let serial = |inventory: &Inventory| {
        document(inventory)["serialNumber"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut other = samples::image();
    other.subject.name.push('x');
    assert_ne!(serial(&samples::image()), serial(&other));
    assert!(!serial(&other).contains(PLACEHOLDER));
}

#[test]
fn says_what_is_known() {
    let document = document(&samples::image());
    let components = document["components"].as_array().unwrap();
    let component = |name: &str| {
        components
            .iter()
            .find(|component| component["name"] == name)
            .unwrap()
    };
    assert_eq!(components[0]["type"], "operating-system");
    assert_eq!(component("a")["supplier"]["name"], "Debian");
    assert_eq!(component("a")["scope"], "required");
    let excluded: Vec<_> = components
        .iter()
        .filter(|component| component["scope"] == "excluded")
        .map(|component| &component["purl"])
        .collect();
    assert_eq!(excluded, ["pkg:deb/debian/b@1?arch=all&distro=debian-12"]);
    assert_eq!(
        component("a")["evidence"]["occurrences"][0]["additionalContext"],
        "layer sha256:layer"
    );
    assert_eq!(
        component("@s/a")["licenses"][0]["license"]["name"],
        "(MIT OR custom)"
    );
    assert_eq!(component("@s/a")["hashes"][0]["alg"], "SHA-1");
    assert_eq!(component("X_y")["authors"][0]["email"], "a@b.example");
    assert_eq!(document["metadata"]["component"]["purl"], "pkg:oci/app");
    assert_eq!(
        document["metadata"]["component"]["supplier"]["name"],
        "Example"
    );
    let properties = document["metadata"]["properties"].as_array().unwrap();
    assert!(
        properties
            .iter()
            .any(|property| property["name"] == "sealwright:not-read")
    );
}

#[test]
fn a_plain_file_is_listed_with_its_hashes_alone() {
    let document = document(&samples::plain_file());
    assert_eq!(document["components"].as_array().unwrap().len(), 0);
    assert_eq!(document["metadata"]["component"]["type"], "file");
    assert_eq!(
        document["metadata"]["component"]["hashes"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}
