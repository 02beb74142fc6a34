//! What registries answer, and image layouts.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_oci::Descriptor;
use sealwright_oci::Layout;
use sealwright_oci::Limits;
use sealwright_oci::Selection;

use crate::scratch;

pub(super) fn registry(data: &[u8]) {
    sealwright_oci::parse_untrusted(data);
}

/// The bytes are a layout's index; the only blob there is an empty document.
pub(super) fn layout(data: &[u8]) {
    static MADE: OnceLock<()> = OnceLock::new();
    let directory = scratch::directory().join("layout");
    MADE.get_or_init(|| make(&directory));
    fs::write(directory.join("index.json"), data).expect("the scratch directory is writable");
    let Ok(layout) = Layout::open(&directory, Limits::default()) else {
        return;
    };
    let tag = Selection::Tag("v1".to_owned());
    let digest = Selection::Digest(Digest::sha256(EMPTY));
    for selection in [Selection::Only, tag, digest] {
        if let Ok(descriptor) = layout.resolve(&selection) {
            let _ = layout.manifest(&descriptor);
            let _ = layout.blob(&descriptor, 1024);
        }
    }
    let subject = Descriptor::of(MediaType::OCI_MANIFEST, EMPTY);
    let _ = layout.referrers(&subject.digest);
    let _ = layout.stored_evidence(&subject.digest);
}

fn make(directory: &Path) {
    fs::create_dir_all(directory).expect("the scratch directory is writable");
    let layout = Layout::create(directory, Limits::default()).expect("an empty layout");
    layout.write_blob(EMPTY).expect("a blob");
}

const EMPTY: &[u8] = b"{}";
