//! Streams that must be read more than once, kept in a file without a name.

use std::fs::File;
use std::fs::OpenOptions;
use std::io::Read;
use std::io::Seek as _;
use std::io::SeekFrom;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;

use crate::Error;
use crate::private::PRIVATE_FILE;
use crate::write;

/// A stream that was read to its end. The file has no name: it is gone when this is dropped,
/// however the process ends.
#[derive(Debug)]
pub struct Spooled {
    /// The content, at its beginning.
    pub file: File,
    /// Its SHA-256.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// Reads a stream of at most `max` bytes to its end into a nameless file in `directory`, hashing it
/// on the way. `name` is what errors call the stream.
///
/// # Errors
/// `files.too-large`, `files.read-failed`, `files.no-space`, `files.write-failed`.
pub fn spool(
    reader: &mut dyn Read,
    name: &Path,
    directory: &Path,
    max: u64,
) -> Result<Spooled, Error> {
    let writing = |source| Error::writing(directory, source);
    let path = write::temporary_name(&directory.join("spool"));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .open(&path)
        .map_err(writing)?;
    std::fs::remove_file(&path).map_err(writing)?;
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    let mut size = 0u64;
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(Error::reading(name, source)),
        };
        size = size.saturating_add(count as u64);
        if size > max {
            return Err(Error::TooLarge {
                path: name.to_owned(),
                limit: max,
                unit: "bytes",
            });
        }
        let bytes = buffer.get(..count).unwrap_or_default();
        hasher.update(bytes);
        file.write_all(bytes).map_err(writing)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(writing)?;
    Ok(Spooled {
        file,
        digest: hasher.finish(),
        size,
    })
}

const BUFFER: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use sealwright_core::Diagnostic as _;
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn keeps_a_stream_under_no_name() {
        let place = TempDir::new().unwrap();
        let content = vec![5; BUFFER * 2 + 1];
        let name = Path::new("standard input");
        let mut spooled = spool(&mut content.as_slice(), name, place.path(), u64::MAX).unwrap();
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
        assert_eq!(spooled.size, content.len() as u64);
        assert_eq!(spooled.digest, Digest::sha256(&content));
        let mut again = Vec::new();
        spooled.file.read_to_end(&mut again).unwrap();
        assert_eq!(again, content);
    }

    #[test]
    fn stops_beyond_the_limit_and_leaves_nothing() {
        let place = TempDir::new().unwrap();
        let name = Path::new("standard input");
        let error = spool(&mut [1; 9].as_slice(), name, place.path(), 8).unwrap_err();
        assert_eq!(error.code().as_str(), "files.too-large");
        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
