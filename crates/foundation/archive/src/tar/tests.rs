use tar::Builder;

use super::*;

/// What a walk sees: path, kind, link and content of each member.
type Seen = Vec<(String, MemberKind, String, Vec<u8>)>;

fn walk(archive: &[u8]) -> Result<Seen, ScanError> {
    walk_within(archive, Limits::default())
}

fn walk_within(mut archive: &[u8], limits: Limits) -> Result<Seen, ScanError> {
    let mut walk = TarWalk::new(&mut archive, "archive", limits);
    let mut seen = Vec::new();
    while let Some(kind) = walk.advance()? {
        let link = String::from_utf8_lossy(walk.link()).into_owned();
        let (path, mut content) = walk.parts();
        let path = String::from_utf8_lossy(path).into_owned();
        let mut bytes = Vec::new();
        content
            .read_to_end(&mut bytes)
            .map_err(|error| from_io("archive", error))?;
        seen.push((path, kind, link, bytes));
    }
    Ok(seen)
}

const FILE: MemberKind = MemberKind::File { executable: false };

fn header(path: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    // Not set_path: it refuses what these tests are about.
    let bytes = header.as_mut_bytes();
    bytes[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_cksum();
    header
}

fn member(header: &Header, content: &[u8]) -> Vec<u8> {
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

fn file(path: &str, content: &[u8]) -> Vec<u8> {
    member(
        &header(path, EntryType::Regular, content.len() as u64),
        content,
    )
}

fn pax(records: &[(&str, &[u8])]) -> Vec<u8> {
    let content: Vec<u8> = records
        .iter()
        .flat_map(|(key, value)| pax_record(key, value))
        .collect();
    member(
        &header("pax", EntryType::XHeader, content.len() as u64),
        &content,
    )
}

fn pax_record(key: &str, value: &[u8]) -> Vec<u8> {
    let body = key.len() + value.len() + 3;
    let mut length = body + 1;
    while length.to_string().len() + body != length {
        length += 1;
    }
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

fn end() -> Vec<u8> {
    vec![0; 1024]
}

fn refused(archive: &[u8], reason: &str) {
    let error = walk(archive).unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
}

#[test]
fn reads_what_the_tar_crate_writes() {
    let mut builder = Builder::new(Vec::new());
    let long = format!("{}/file", "d".repeat(150));
    for (path, mode) in [("short", 0o644), (long.as_str(), 0o755)] {
        let mut header = Header::new_gnu();
        header.set_size(4);
        header.set_mode(mode);
        header.set_cksum();
        builder
            .append_data(&mut header, path, &b"data"[..])
            .unwrap();
    }
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "link", "x".repeat(120))
        .unwrap();
    let archive = builder.into_inner().unwrap();
    let seen = walk(&archive).unwrap();
    assert_eq!(
        seen[0],
        ("short".into(), FILE, String::new(), b"data".to_vec())
    );
    assert_eq!(seen[1].0, long);
    assert_eq!(seen[1].1, MemberKind::File { executable: true });
    assert_eq!(seen[2].1, MemberKind::Symlink);
    assert_eq!(seen[2].2, "x".repeat(120));
}

#[test]
fn pax_records_override_the_header() {
    let mut content = vec![b'x'; 700];
    content.resize(1024, 0);
    // The header says nothing of 700 bytes: only the record does.
    let archive = [
        pax(&[("path", b"real/name"), ("size", b"700")]),
        member(&header("name", EntryType::Regular, 0), &content),
        file("after", b"y"),
        end(),
    ]
    .concat();
    let seen = walk(&archive).unwrap();
    assert_eq!((seen[0].0.as_str(), seen[0].3.len()), ("real/name", 700));
    assert_eq!(seen[1].0, "after");
}

#[test]
fn a_binary_attribute_smuggles_in_no_path() {
    let archive = [
        pax(&[("SCHILY.xattr.user.a", b"1\n20 path=etc/passwd\n")]),
        file("harmless", b"x"),
        end(),
    ]
    .concat();
    assert_eq!(walk(&archive).unwrap()[0].0, "harmless");
}

#[test]
fn a_missing_end_mark_is_fine_and_a_short_one_too() {
    assert_eq!(walk(&file("a", b"x")).unwrap().len(), 1);
    assert_eq!(
        walk(&[file("a", b"x"), vec![0; 512]].concat())
            .unwrap()
            .len(),
        1
    );
    assert_eq!(walk(&[]).unwrap(), []);
    // What stands behind the mark is nobody's business.
    let with_tail = [file("a", b"x"), end(), b"tail".to_vec()].concat();
    assert_eq!(walk(&with_tail).unwrap().len(), 1);
}

#[test]
fn refuses_what_two_readers_would_read_differently() {
    let good = file("a", b"x");
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            [pax(&[("path", b"b")]), pax(&[("path", b"c")]), good.clone()].concat(),
            "two PAX headers",
        ),
        (
            [pax(&[("path", b"b"), ("path", b"c")]), good.clone()].concat(),
            "disagree",
        ),
        (
            [
                member(&header("long", EntryType::GNULongName, 2), b"b\0"),
                pax(&[("path", b"c")]),
                good.clone(),
            ]
            .concat(),
            "differ",
        ),
        (
            [
                member(&header("long", EntryType::GNULongName, 2), b"b\0"),
                member(&header("long", EntryType::GNULongName, 2), b"c\0"),
                good.clone(),
            ]
            .concat(),
            "two long names",
        ),
        (
            {
                let record = pax_record("path", b"b");
                let global = header("g", EntryType::XGlobalHeader, record.len() as u64);
                [member(&global, &record), good.clone()].concat()
            },
            "global",
        ),
        (
            member(&header("d", EntryType::Directory, 512), &[b'x'; 512]),
            "has content",
        ),
        (
            member(&header("h", EntryType::Link, 512), &[b'x'; 512]),
            "has content",
        ),
        (
            member(&header("p", EntryType::Fifo, 1), b"x"),
            "has content",
        ),
        (
            [good.clone(), vec![0; 512], good.clone()].concat(),
            "end mark",
        ),
        (pax(&[("path", b"b")]), "ends after an extension"),
        (file("../a", b"x"), "leads upwards"),
        (file("a/../../b", b"x"), "leads upwards"),
        ([pax(&[("path", b"a\0b")]), good].concat(), "NUL"),
    ];
    for (archive, reason) in cases {
        refused(&archive, reason);
    }
}

#[test]
fn refuses_damaged_headers() {
    let mut archive = file("a", b"x");
    archive[0] = b'b';
    refused(&archive, "checksum");
    let mut negative = header("a", EntryType::Regular, 0);
    negative.as_mut_bytes()[124..136].copy_from_slice(&[0xff; 12]);
    negative.set_cksum();
    refused(&member(&negative, b""), "size is no number");
    let mut signed = header("a", EntryType::Regular, 0);
    signed.as_mut_bytes()[124..136].copy_from_slice(b"+0000000001\0");
    signed.set_cksum();
    refused(&member(&signed, b"x"), "size is no number");
}

#[test]
fn takes_absolute_paths_as_below_the_root() {
    let archive = [file("/etc/a", b"x"), file("./b", b"y"), end()].concat();
    let seen = walk(&archive).unwrap();
    assert_eq!((seen[0].0.as_str(), seen[1].0.as_str()), ("etc/a", "b"));
}

#[test]
fn sparse_files_are_shown_without_content() {
    let archive = [
        pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.name", b"real")]),
        file("GNUSparseFile.0/real", b"map and data"),
        end(),
    ]
    .concat();
    let seen = walk(&archive).unwrap();
    assert_eq!((seen[0].0.as_str(), seen[0].1), ("real", MemberKind::Other));
}

#[test]
fn keeps_to_its_limits() {
    let limits = Limits {
        extension_bytes: 600,
        path_bytes: 50,
        ..Limits::default()
    };
    let is_limit =
        |archive: &[u8]| matches!(walk_within(archive, limits), Err(ScanError::Limit { .. }));
    assert!(is_limit(
        &[pax(&[("comment", &[b'x'; 700])]), file("a", b"x")].concat()
    ));
    assert!(is_limit(&file(&"p".repeat(51), b"x")));
    // An extension header that claims more than the archive holds allocates nothing.
    let huge = header("pax", EntryType::XHeader, 1 << 40);
    assert!(is_limit(&member(&huge, b"")));
}

#[test]
fn truncation_anywhere_is_an_error_or_a_shorter_archive() {
    let archive = [
        pax(&[("path", b"long/name")]),
        file("x", &[b'x'; 700]),
        file("y", b"y"),
        end(),
    ]
    .concat();
    for length in 0..archive.len() {
        if let Ok(seen) = walk(&archive[..length]) {
            // Only at the end of a member, where an archive without its end mark may end too.
            let ends = [0, 2560, 3584];
            assert!(ends.contains(&length) || length > 3584, "{length}");
            assert!(seen.len() <= 2);
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(noise in proptest::collection::vec(proptest::num::u8::ANY, 0..64), at in 0_usize..3000) {
        let mut archive = [pax(&[("path", b"p")]), file("x", &[b'x'; 700]), file("y", b"y"), end()].concat();
        let end = (at + noise.len()).min(archive.len());
        let start = at.min(end);
        archive[start..end].copy_from_slice(&noise[..end - start]);
        let _ = walk(&archive);
    }

    /// Where both readers accept, they see the same files.
    #[test]
    fn agrees_with_the_tar_crate(names in proptest::collection::vec("[a-z]{1,8}(/[a-z]{1,90}){0,3}", 1..5)) {
        let mut builder = Builder::new(Vec::new());
        for name in &names {
            let mut header = Header::new_gnu();
            header.set_size(name.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, name.as_bytes()).unwrap();
        }
        let archive = builder.into_inner().unwrap();
        let seen: Vec<_> = walk(&archive).unwrap().into_iter().map(|member| member.0).collect();
        proptest::prop_assert_eq!(seen, names);
    }
}
