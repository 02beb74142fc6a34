//! Exported data directories.

use std::fs;
use std::path::Path;

use sealwright_files::DataDirectory;

use crate::scratch;

pub(super) fn export(data: &[u8]) {
    let place = scratch::directory().join("import");
    fs::create_dir_all(&place).expect("the scratch directory is writable");
    let target = place.join("data");
    let imported = DataDirectory::at(&target).import(data, Path::new("export.tar"));
    let left: Vec<_> = fs::read_dir(&place)
        .expect("readable")
        .map(|entry| entry.expect("readable").file_name())
        .collect();
    match imported {
        Ok(()) => {
            assert_eq!(left, ["data"], "one directory and nothing beside it");
            fs::remove_dir_all(&target).expect("removable");
        }
        Err(_) => assert!(left.is_empty(), "left behind: {left:?}"),
    }
}
