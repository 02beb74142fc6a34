//! Public test data, which lives outside the repository.

use std::path::Path;
use std::path::PathBuf;

/// Where a corpus lies, or `None` with a visible note when it is absent.
///
/// Looks below `SEALWRIGHT_CORPORA`, else below `../shared/corpora` beside the repository. With
/// `SEALWRIGHT_REQUIRE_CORPORA` set, absence is a failure: that is how the full gate runs.
///
/// # Panics
/// When the corpus is absent and required.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::panic,
    reason = "tests find their data through the environment and must say what they skip"
)]
pub fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("SEALWRIGHT_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpora"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.is_dir() {
        return Some(path);
    }
    if std::env::var_os("SEALWRIGHT_REQUIRE_CORPORA").is_some() {
        panic!("corpus {name} is required and absent: {}", path.display());
    }
    eprintln!("SKIPPED: corpus {name} is absent: {}", path.display());
    None
}
