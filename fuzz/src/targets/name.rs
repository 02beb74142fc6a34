//! What people type: targets and image references. Digests and media types come along.

use sealwright_core::Digest;
use sealwright_core::Reference;
use sealwright_core::Target;
use sealwright_core::terminal;

pub(super) fn reference(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Whatever is shown is safe to show.
    assert!(!terminal::escape(text).contains(|c: char| c.is_control() && c != '\n' && c != '\t'));
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
    }
    let Ok(reference) = text.parse::<Reference>() else {
        return;
    };
    let written = reference.to_string();
    let again: Reference = written.parse().expect("reads what it wrote");
    assert_eq!(again, reference);
    assert!(!reference.registry().is_empty() && !reference.repository().is_empty());
    assert!(
        !reference
            .repository()
            .split('/')
            .any(|part| matches!(part, "" | "." | ".."))
    );
    let _ = (
        reference.is_loopback(),
        reference.name(),
        reference.tagged("v1"),
    );
}

pub(super) fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for exists in [true, false] {
        if let Ok(target) = Target::parse(text, |_| exists) {
            let written = target.to_string();
            assert_eq!(
                Target::parse(&written, |_| exists),
                Ok(target),
                "{written:?}"
            );
        }
    }
}
