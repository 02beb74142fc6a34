use std::io::Write as _;

use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn agrees_with_hashing_all_at_once_at_every_boundary() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    let small = usize::try_from(SMALL).unwrap();
    let round = BUFFER * BUFFERS;
    for length in [
        0,
        1,
        BUFFER - 1,
        BUFFER,
        BUFFER + 1,
        small,
        small + 1,
        round + BUFFER,
        3 * round + 5,
    ] {
        let content: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &content).unwrap();
        let wanted = (Digest::sha256(&content), length as u64);
        assert_eq!(hash_file(&path).unwrap(), wanted, "{length}");
        let count = ByteCount::default();
        hash_open_file(&File::open(&path).unwrap(), &path, &count).unwrap();
        assert_eq!(count.done(), wanted.1);
        assert_eq!(
            hash_reader(content.as_slice(), &path).unwrap(),
            wanted,
            "{length}"
        );
        let dribble = Dribble(&content, 0);
        assert_eq!(hash_reader(dribble, &path).unwrap(), wanted, "{length}");
    }
}

#[test]
fn names_what_is_no_file() {
    let code = |path: &Path| hash_file(path).unwrap_err().code().as_str();
    let place = TempDir::new().unwrap();
    assert_eq!(code(&place.path().join("absent")), "files.not-found");
    assert_eq!(code(place.path()), "files.is-directory");
}

#[test]
fn notices_a_file_that_grows_while_it_is_read() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    std::fs::write(&path, vec![1; 10]).unwrap();
    let file = File::open(&path).unwrap();
    // The descriptor stands at the sixth byte, as if somebody had cut five off meanwhile.
    let mut skip = [0; 5];
    (&file).read_exact(&mut skip).unwrap();
    let error = hash_open_file(&file, &path, &ByteCount::default()).unwrap_err();
    assert_eq!(error.code().as_str(), "files.changed-while-reading");
}

#[test]
fn a_writer_moves_the_stamp() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"1234").unwrap();
    let before = file.metadata().unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_ne!(stamp(&before), stamp(&file.metadata().unwrap()));
}

#[test]
fn gives_back_what_the_reader_failed_with() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(1)
                .ok_or(io::ErrorKind::ConnectionReset)?;
            Ok(buffer.len())
        }
    }
    for reads in [0, 1, 20] {
        let error = hash_reader(Broken(reads), Path::new("stream")).unwrap_err();
        assert_eq!(error.code().as_str(), "files.read-failed");
    }
}

/// Gives one byte, then up to 4096, and is interrupted between.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        let count = match self.1 % 3 {
            0 => return Err(io::ErrorKind::Interrupted.into()),
            1 => 1,
            _ => 4096,
        };
        let (first, rest) = self.0.split_at(count.min(self.0.len()).min(buffer.len()));
        buffer[..first.len()].copy_from_slice(first);
        self.0 = rest;
        Ok(first.len())
    }
}
