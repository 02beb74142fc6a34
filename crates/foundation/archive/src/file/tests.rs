use std::collections::BTreeMap;
use std::io::Write as _;

use super::*;

#[derive(Default)]
struct Recorder(BTreeMap<String, Option<Vec<u8>>>);

impl Visitor for Recorder {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        self.0.insert(entry.path.to_owned(), None);
        true
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError> {
        let mut bytes = Vec::new();
        content
            .read_to_end(&mut bytes)
            .map_err(|error| from_io(entry.path, error))?;
        self.0.insert(entry.path.to_owned(), Some(bytes));
        Ok(())
    }
}

fn scan(bytes: &[u8]) -> Result<(Option<ArchiveFormat>, Recorder), ScanError> {
    let open = || -> io::Result<Box<dyn ReadSeek>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let tree = FileAsTree::new("name", false, &open)?;
    let mut recorder = Recorder::default();
    tree.scan(&mut recorder)?;
    Ok((tree.format(), recorder))
}

fn tar_of(path: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    builder.append_data(&mut header, path, &b"x"[..]).unwrap();
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in entries {
        writer
            .start_file(*path, ::zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn tells_archives_by_their_content() {
    let tar = tar_of("a");
    let zstd = zstd::stream::encode_all(tar.as_slice(), 1).unwrap();
    for (bytes, wanted) in [
        (tar.clone(), Some(ArchiveFormat::Tar(Compression::None))),
        (gzip(&tar), Some(ArchiveFormat::Tar(Compression::Gzip))),
        (zstd, Some(ArchiveFormat::Tar(Compression::Zstd))),
        (zip_of(&[("a", b"x")]), Some(ArchiveFormat::Zip)),
        (zip_of(&[]), Some(ArchiveFormat::Zip)),
        (gzip(b"text"), None),
        (b"text".to_vec(), None),
        (Vec::new(), None),
        (vec![0; 2048], None),
        (b"\x1f\x8b\x08garbage".to_vec(), None),
    ] {
        assert_eq!(ArchiveFormat::detect(&bytes), wanted);
    }
}

#[test]
fn shows_the_members_of_archives() {
    let with_whiteout = tar_of("d/.wh.a");
    let (_, recorder) = scan(&gzip(&with_whiteout)).unwrap();
    // In a plain archive such a name has no meaning.
    assert_eq!(recorder.0["d/.wh.a"].as_deref(), Some(&b"x"[..]));
    let (_, recorder) = scan(&zip_of(&[("x/METADATA", b"Name: x"), ("y", b"")])).unwrap();
    assert_eq!(recorder.0["x/METADATA"].as_deref(), Some(&b"Name: x"[..]));
    assert_eq!(recorder.0["y"].as_deref(), Some(&b""[..]));
}

#[test]
fn shows_any_other_file_as_itself() {
    let (format, recorder) = scan(b"text").unwrap();
    assert_eq!(format, None);
    assert_eq!(recorder.0["name"].as_deref(), Some(&b"text"[..]));
}

#[test]
fn refuses_zip_entries_that_step_back() {
    let bytes = zip_of(&[("aa/b", b"x")]);
    let mut moved = bytes.clone();
    for at in memmem(&bytes, b"aa/b") {
        moved[at..at + 4].copy_from_slice(b"../b");
    }
    assert!(scan(&bytes).is_ok());
    assert!(matches!(scan(&moved), Err(ScanError::Malformed { .. })));
}

#[test]
fn refuses_zip_entries_of_one_name() {
    let bytes = zip_of(&[("aa", b"x"), ("ab", b"y")]);
    let mut twice = bytes.clone();
    for at in memmem(&bytes, b"ab") {
        twice[at..at + 2].copy_from_slice(b"aa");
    }
    assert!(matches!(scan(&twice), Err(ScanError::Malformed { .. })));
}

#[test]
fn truncated_zips_are_refused() {
    let bytes = zip_of(&[("a", b"some content"), ("b", b"")]);
    for length in 4..bytes.len() {
        assert!(scan(&bytes[..length]).is_err(), "{length}");
    }
}

fn memmem(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(needle.len()).enumerate();
    windows
        .filter(|(_, window)| *window == needle)
        .map(|(at, _)| at)
        .collect()
}
