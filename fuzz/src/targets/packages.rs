//! Package databases, lock files and binaries as they lie in images, and SBOM documents.

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::file_tree::MemoryTree;
use sealwright_sbom::Format;
use sealwright_sbom::ListedPackage;
use sealwright_sbom::Options;
use sealwright_sbom::PackageUrl;
use sealwright_sbom::Subject;
use sealwright_sbom::SubjectKind;

pub(super) fn apk(data: &[u8]) {
    catalog(MemoryTree::default().with_file("lib/apk/db/installed", data));
}

pub(super) fn cargo_lock(data: &[u8]) {
    catalog(MemoryTree::default().with_file("Cargo.lock", data));
}

pub(super) fn dpkg(data: &[u8]) {
    catalog(MemoryTree::default().with_file("var/lib/dpkg/status", data));
}

/// Go programs of less than a page are passed by, so short inputs are padded.
pub(super) fn go_binary(data: &[u8]) {
    let mut program = data.to_vec();
    program.resize(program.len().max(4096), 0);
    catalog(MemoryTree::default().with_executable("usr/bin/program", program));
}

pub(super) fn package_lock(data: &[u8]) {
    catalog(MemoryTree::default().with_file("package-lock.json", data));
}

pub(super) fn python(data: &[u8]) {
    let path = "usr/lib/python3/dist-packages/a-1.dist-info/METADATA";
    catalog(MemoryTree::default().with_file(path, data));
}

pub(super) fn os_release(data: &[u8]) {
    catalog(MemoryTree::default().with_file("etc/os-release", data));
}

pub(super) fn sbom_document(data: &[u8]) {
    let _ = sealwright_sbom::read(data);
}

pub(super) fn package_url(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = PackageUrl::parse_lenient(text);
    if let Ok(url) = text.parse::<PackageUrl>() {
        let written = url.to_string();
        let again: PackageUrl = written.parse().expect("reads what it wrote");
        assert_eq!(again.to_string(), written, "one text for one package");
    }
}

/// Both documents are made again the same, and list the packages that were found.
fn catalog(tree: MemoryTree) {
    let subject = Subject::new(SubjectKind::Image, "subject", vec![Digest::sha256(b"")]);
    let options = Options::new(Timestamp::from_seconds(0));
    let inventory = sealwright_sbom::generate(&tree, subject, &options)
        .expect("malformed package data is a problem in the inventory, not an error");
    let listed = [Format::SpdxJson, Format::CycloneDxJson].map(|format| {
        let document = format.write(&inventory);
        assert_eq!(
            format.write(&inventory),
            document,
            "the same bytes every time"
        );
        sealwright_sbom::read(&document).expect("reads what it wrote")
    });
    let [spdx, cyclonedx] = &listed;
    let names = |listed: &[ListedPackage]| -> Vec<(String, String)> {
        let pairs = listed
            .iter()
            .map(|it| (it.name.clone(), it.version.clone()));
        pairs.collect()
    };
    assert_eq!(spdx.len(), inventory.packages.len());
    assert_eq!(names(spdx), names(cyclonedx));
}
