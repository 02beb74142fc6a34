use sealwright_core::Diagnostic as _;
use sealwright_testkit::corpus;

use super::*;
use crate::format::Format;
use crate::samples;

#[test]
fn lists_what_was_written_in_both_formats() {
    for inventory in samples::all() {
        let mut wanted: Vec<_> = inventory
            .packages
            .iter()
            .map(|package| ListedPackage {
                name: package.name.clone(),
                version: package.version.clone().unwrap_or_default(),
                purl: Some(package.purl.to_string()),
            })
            .collect();
        wanted.sort();
        for format in Format::ALL {
            assert_eq!(read(&format.write(&inventory)).unwrap(), wanted, "{format}");
        }
    }
}

#[test]
fn reads_what_others_wrote() {
    let spdx = br#"{"spdxVersion": "SPDX-2.2", "documentDescribes": ["SPDXRef-root"], "packages": [
        {"SPDXID": "SPDXRef-root", "name": "root"},
        {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "externalRefs": [{"referenceType": "cpe23Type", "referenceLocator": "cpe"}, {"referenceType": "http://spdx.org/rdf/references/purl", "referenceLocator": "pkg:npm/a@1"}]}
    ]}"#;
    let listed = read(spdx).unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].purl.as_deref(), Some("pkg:npm/a@1"));
    let cyclonedx = br#"{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [
        {"type": "library", "group": "org.example", "name": "a", "components": [{"type": "library", "name": "inner", "version": "2"}]},
        {"type": "operating-system", "name": "debian"}
    ]}"#;
    let names: Vec<_> = read(cyclonedx)
        .unwrap()
        .into_iter()
        .map(|package| package.name)
        .collect();
    assert_eq!(names, ["inner", "org.example/a"]);
}

#[test]
fn reads_the_documents_of_the_specifications() {
    fn each(directory: &std::path::Path, check: &mut dyn FnMut(&std::path::Path)) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                each(&path, check);
            } else {
                check(&path);
            }
        }
    }
    let (Some(cyclonedx), Some(spdx)) = (corpus("cyclonedx"), corpus("spdx")) else {
        return;
    };
    let mut count = 0;
    each(&cyclonedx.join("documents"), &mut |path| {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with("valid-") && name.ends_with(".json") {
            let read = read(&std::fs::read(path).unwrap());
            assert!(read.is_ok(), "{}: {read:?}", path.display());
            count += 1;
        }
    });
    each(&spdx.join("examples"), &mut |path| {
        let name = path.to_string_lossy();
        if name.ends_with(".spdx.json") {
            let read = read(&std::fs::read(path).unwrap());
            assert!(read.is_ok(), "{}: {read:?}", path.display());
            count += 1;
        } else if name.ends_with(".spdx3.json") {
            assert!(matches!(
                read(&std::fs::read(path).unwrap()),
                Err(Error::UnknownFormat)
            ));
        }
    });
    assert!(count > 100, "{count}");
}

#[test]
fn says_why_a_document_is_not_read() {
    for (document, code) in [
        (&b"{}"[..], "sbom.unknown-format"),
        (br#"{"spdxVersion": "SPDX-3.0"}"#, "sbom.unknown-format"),
        (b"not json", "sbom.malformed"),
        (
            br#"{"bomFormat": "CycloneDX", "components": 3}"#,
            "sbom.malformed",
        ),
        (
            br#"{"spdxVersion": "SPDX-2.3", "packages": [{"name": "a"}]}"#,
            "sbom.malformed",
        ),
    ] {
        assert_eq!(read(document).unwrap_err().code().as_str(), code);
    }
}

#[test]
fn truncation_anywhere_is_an_error() {
    for format in Format::ALL {
        let document = format.write(&samples::plain_file());
        for length in 0..document.len() - 1 {
            assert!(read(&document[..length]).is_err(), "{length}");
        }
    }
}
