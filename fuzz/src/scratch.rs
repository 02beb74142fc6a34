//! A directory in memory for the targets that need one.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

/// This process's own, empty at first.
pub(crate) fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        // Libfuzzer never returns from main, so `fuzz/run` removes what bears its name.
        let name = std::env::var("FUZZ_SCRATCH").unwrap_or_else(|_| "sealwright-fuzz".to_owned());
        let directory = parent.join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a scratch directory");
        directory
    })
}
