//! Directories as wholes: what is in them, one put in the place of another.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use crate::Error;
use crate::write;

/// The names of the directories in a directory, hidden ones too, in no order.
///
/// # Errors
/// `files.not-found`, `files.unreadable`, `files.not-a-directory`, `files.read-failed`.
pub fn directory_names(path: &Path) -> Result<Vec<OsString>, Error> {
    let reading = |source| Error::reading(path, source);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        if entry.file_type().map_err(reading)?.is_dir() {
            names.push(entry.file_name());
        }
    }
    Ok(names)
}

/// Puts a directory in the place of another one beside it, or where there is none. For a moment
/// nothing stands there. Of several processes that try at once, the last one's stays.
///
/// # Errors
/// `files.no-space`, `files.write-failed`.
pub fn replace_directory(new: &Path, place: &Path) -> Result<(), Error> {
    let writing = |source| Error::writing(place, source);
    for _ in 0..MAX_ATTEMPTS {
        let old = write::temporary_name(place);
        match fs::rename(place, &old) {
            Ok(()) => remove_directory(&old)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(writing(source)),
        }
        match fs::rename(new, place) {
            Ok(()) => return write::sync_directory(write::parent(place)),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(source) => return Err(writing(source)),
        }
    }
    Err(Error::Locked {
        path: place.to_owned(),
    })
}

/// Removes a directory with everything in it; one that does not exist counts as removed.
///
/// # Errors
/// `files.write-failed`.
pub fn remove_directory(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::writing(path, source))
        }
        _ => Ok(()),
    }
}

const MAX_ATTEMPTS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_directory_takes_the_place_of_another() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("place");
        for content in ["first", "second"] {
            let new = home.path().join("new");
            fs::create_dir(&new).unwrap();
            fs::write(new.join(content), content).unwrap();
            replace_directory(&new, &place).unwrap();
            assert!(!new.exists());
            assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
            assert!(place.join(content).exists());
        }
        assert_eq!(directory_names(home.path()).unwrap(), ["place"]);
        assert!(replace_directory(&home.path().join("none"), &place).is_err());
        remove_directory(&place).unwrap();
        remove_directory(&place).unwrap();
    }

    #[test]
    fn of_many_at_once_each_succeeds_and_one_stays() {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("place");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (home, place) = (home.path(), &place);
                scope.spawn(move || {
                    let new = home.join(format!("new{number}"));
                    fs::create_dir(&new).unwrap();
                    fs::write(new.join("file"), "content").unwrap();
                    replace_directory(&new, place).unwrap();
                });
            }
        });
        assert_eq!(fs::read(place.join("file")).unwrap(), b"content");
        assert_eq!(directory_names(home.path()).unwrap(), ["place"]);
    }
}
