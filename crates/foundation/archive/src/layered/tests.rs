use std::collections::BTreeMap;
use std::io::Write as _;

use sealwright_core::Digest;

use super::*;

/// Wants what a predicate says and keeps all it sees.
#[derive(Default)]
struct Recorder {
    wanted: Option<fn(&str) -> bool>,
    entries: Vec<(String, String, usize)>,
    contents: BTreeMap<String, Vec<u8>>,
}

impl Visitor for Recorder {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        let kind = match entry.kind {
            EntryKind::Directory => "directory".to_owned(),
            EntryKind::File { .. } => "file".to_owned(),
            EntryKind::Other => "other".to_owned(),
            EntryKind::Symlink { target } => format!("link to {target}"),
        };
        self.entries
            .push((entry.path.to_owned(), kind, entry.layer));
        self.wanted.is_none_or(|wanted| wanted(entry.path))
    }

    fn content(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError> {
        let mut bytes = Vec::new();
        content
            .read_to_end(&mut bytes)
            .map_err(|error| from_io(entry.path, error))?;
        assert!(self.contents.insert(entry.path.to_owned(), bytes).is_none());
        Ok(())
    }
}

/// A member to put into a layer.
enum Put<'a> {
    Dir(&'a str),
    File(&'a str, &'a [u8]),
    Hard(&'a str, &'a str),
    Soft(&'a str, &'a str),
}

fn layer(members: &[Put<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        match member {
            Put::File(path, content) => {
                header.set_size(content.len() as u64);
                builder.append_data(&mut header, path, *content).unwrap();
            }
            Put::Dir(path) => {
                header.set_entry_type(tar::EntryType::Directory);
                builder.append_data(&mut header, path, &b""[..]).unwrap();
            }
            Put::Hard(path, target) => {
                header.set_entry_type(tar::EntryType::Link);
                builder.append_link(&mut header, path, target).unwrap();
            }
            Put::Soft(path, target) => {
                header.set_entry_type(tar::EntryType::Symlink);
                builder.append_link(&mut header, path, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn source(bytes: &[u8]) -> LayerSource {
    LayerSource {
        name: Digest::sha256(bytes).to_string(),
        ..LayerSource::default()
    }
}

fn scan(
    blobs: &[Vec<u8>],
    sources: Vec<LayerSource>,
    limits: Limits,
    recorder: &mut Recorder,
) -> Result<Vec<Option<StreamDigests>>, ScanError> {
    let open = |index: usize| -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(blobs[index].clone())))
    };
    let tree = LayeredTree::new(sources, &open).with_limits(limits);
    tree.scan(recorder)?;
    Ok(tree.digests())
}

/// Scans with default limits and wants everything.
fn seen(blobs: &[Vec<u8>]) -> Recorder {
    let mut recorder = Recorder::default();
    let sources = blobs.iter().map(|blob| source(blob)).collect();
    scan(blobs, sources, Limits::default(), &mut recorder).unwrap();
    recorder
}

fn error(blobs: &[Vec<u8>]) -> ScanError {
    let sources = blobs.iter().map(|blob| source(blob)).collect();
    scan(blobs, sources, Limits::default(), &mut Recorder::default()).unwrap_err()
}

#[test]
fn shows_upper_layers_first_and_hides_what_they_delete() {
    let lower = layer(&[
        Put::Dir("etc/"),
        Put::File("etc/changed", b"old"),
        Put::File("etc/deleted", b"old"),
        Put::File("etc/kept", b"old"),
        Put::File("opt/a/b", b"old"),
        Put::Soft("link", "etc/kept"),
    ]);
    let upper = layer(&[
        Put::Dir("etc/"),
        Put::File("etc/.wh.deleted", b""),
        Put::File("etc/changed", b"new"),
        Put::File("opt/.wh..wh..opq", b""),
        Put::File("opt/.wh..wh.plnk", b""),
        Put::File("opt/c", b"new"),
    ]);
    let recorder = seen(&[gzip(&lower), upper]);
    let shown: Vec<_> = recorder
        .entries
        .iter()
        .map(|(path, kind, layer)| (path.as_str(), kind.as_str(), *layer))
        .collect();
    assert_eq!(
        shown,
        [
            ("etc", "directory", 1),
            ("etc/changed", "file", 1),
            ("opt/c", "file", 1),
            ("etc/kept", "file", 0),
            ("link", "link to etc/kept", 0),
        ]
    );
    assert_eq!(recorder.contents["etc/changed"], b"new");
    assert_eq!(recorder.contents["etc/kept"], b"old");
}

#[test]
fn reads_every_compression_and_measures_both_digests() {
    let plain = layer(&[Put::File("a", &[7; 100_000])]);
    let (first, second) = plain.split_at(1000);
    let many_members = [gzip(first), gzip(second)].concat();
    let zstd = zstd::stream::encode_all(plain.as_slice(), 3).unwrap();
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(&plain).unwrap();
    let xz = xz.finish().unwrap();
    for blob in [plain.clone(), gzip(&plain), many_members, zstd, xz] {
        let sources = vec![LayerSource {
            name: "layer".to_owned(),
            digest: Some(Digest::sha256(&blob)),
            diff_id: Some(Digest::sha256(&plain)),
        }];
        let mut recorder = Recorder::default();
        let digests = scan(
            std::slice::from_ref(&blob),
            sources,
            Limits::default(),
            &mut recorder,
        )
        .unwrap();
        let digests = digests[0].unwrap();
        assert_eq!(digests.stored_size, blob.len() as u64);
        assert_eq!(digests.uncompressed_size, plain.len() as u64);
        assert_eq!(recorder.contents["a"].len(), 100_000);
    }
}

#[test]
fn digests_cover_what_stands_behind_the_archive() {
    let plain = [layer(&[Put::File("a", b"x")]), b"tail".to_vec()].concat();
    let sources = vec![LayerSource {
        name: "layer".to_owned(),
        digest: None,
        diff_id: Some(Digest::sha256(&plain)),
    }];
    scan(
        &[gzip(&plain)],
        sources,
        Limits::default(),
        &mut Recorder::default(),
    )
    .unwrap();
}

#[test]
fn rejects_another_layer_than_the_one_named() {
    let plain = layer(&[Put::File("a", b"x")]);
    let other = Digest::sha256(b"other");
    for (digest, diff_id, wanted) in [
        (Some(other), None, "layer.digest-mismatch"),
        (None, Some(other), "layer.diff-id-mismatch"),
    ] {
        let sources = vec![LayerSource {
            name: "layer".to_owned(),
            digest,
            diff_id,
        }];
        let error = scan(
            &[gzip(&plain)],
            sources,
            Limits::default(),
            &mut Recorder::default(),
        )
        .unwrap_err();
        let error = Error::from(error);
        assert_eq!(sealwright_core::Diagnostic::code(&error).as_str(), wanted);
        assert_eq!(
            sealwright_core::Diagnostic::class(&error),
            sealwright_core::Class::Rejected
        );
    }
}

#[test]
fn gives_the_content_of_hard_links_to_small_wanted_files() {
    let blob = layer(&[
        Put::File("first", b"content"),
        Put::Hard("second", "first"),
        Put::File("large", &vec![1; 300 * 1024]),
        Put::Hard("link-to-large", "large"),
        Put::Hard("link-to-nothing", "absent"),
    ]);
    let recorder = seen(&[blob]);
    assert_eq!(recorder.contents["second"], b"content");
    let kinds: Vec<_> = recorder
        .entries
        .iter()
        .map(|(_, kind, _)| kind.as_str())
        .collect();
    assert_eq!(kinds, ["file", "file", "file", "other", "other"]);
}

#[test]
fn an_unwanted_file_is_not_kept_for_its_links() {
    let blob = layer(&[Put::File("first", b"content"), Put::Hard("second", "first")]);
    let mut recorder = Recorder {
        wanted: Some(|path| path == "second"),
        ..Recorder::default()
    };
    scan(
        std::slice::from_ref(&blob),
        vec![source(&blob)],
        Limits::default(),
        &mut recorder,
    )
    .unwrap();
    assert!(recorder.contents.is_empty());
}

#[test]
fn refuses_a_wanted_path_that_its_layer_holds_twice() {
    let blob = layer(&[Put::File("a", b"one"), Put::File("./a", b"two")]);
    assert!(matches!(
        error(std::slice::from_ref(&blob)),
        ScanError::Malformed { .. }
    ));
    let mut recorder = Recorder {
        wanted: Some(|_| false),
        ..Recorder::default()
    };
    scan(
        std::slice::from_ref(&blob),
        vec![source(&blob)],
        Limits::default(),
        &mut recorder,
    )
    .unwrap();
    // In two layers it is ordinary.
    let recorder = seen(&[
        layer(&[Put::File("a", b"one")]),
        layer(&[Put::File("a", b"two")]),
    ]);
    assert_eq!(recorder.contents["a"], b"two");
}

#[test]
fn refuses_whiteouts_that_name_nothing() {
    for path in ["d/.wh.", "d/.wh..", "d/.wh..."] {
        let refused = matches!(
            error(&[layer(&[Put::File(path, b"")])]),
            ScanError::Malformed { .. }
        );
        assert!(refused, "{path}");
    }
}

#[test]
fn damaged_compression_is_an_error_at_every_byte() {
    let blob = gzip(&layer(&[Put::File("a", &[3; 5000])]));
    for length in 1..blob.len() {
        let _ = error(&[blob[..length].to_vec()]);
    }
    for position in 0..blob.len() {
        let mut damaged = blob.clone();
        damaged[position] ^= 0x10;
        let sources = vec![LayerSource {
            name: "layer".to_owned(),
            digest: Some(Digest::sha256(&blob)),
            diff_id: None,
        }];
        assert!(
            scan(
                &[damaged],
                sources,
                Limits::default(),
                &mut Recorder::default()
            )
            .is_err()
        );
    }
}

#[test]
fn keeps_to_its_limits() {
    let blob = gzip(&layer(&[
        Put::File("a", &[0; 100_000]),
        Put::File("b", b""),
    ]));
    let check = |limits: Limits, what: &str| {
        let mut recorder = Recorder::default();
        let error = scan(
            &[blob.clone(), blob.clone()],
            vec![source(&blob), source(&blob)],
            limits,
            &mut recorder,
        )
        .unwrap_err();
        assert!(
            matches!(&error, ScanError::Limit { .. }) && error.to_string().contains(what),
            "{error}"
        );
    };
    check(
        Limits {
            entries: 3,
            ..Limits::default()
        },
        "entries",
    );
    check(
        Limits {
            layers: 1,
            ..Limits::default()
        },
        "layers",
    );
    check(
        Limits {
            total_bytes: 150_000,
            ..Limits::default()
        },
        "uncompressed size",
    );
}

#[test]
fn directories_that_paths_imply_count_too() {
    let paths: Vec<String> = (0..20).map(|index| format!("{index}/b/c/d/e")).collect();
    let members: Vec<_> = paths.iter().map(|path| Put::File(path, b"")).collect();
    let blob = layer(&members);
    let within = |entries| {
        let limits = Limits {
            entries,
            ..Limits::default()
        };
        let sources = vec![source(&blob)];
        let blobs = std::slice::from_ref(&blob);
        scan(blobs, sources, limits, &mut Recorder::default())
    };
    assert!(within(60).is_ok());
    assert!(matches!(within(40), Err(ScanError::Limit { .. })));
}

#[test]
fn a_visitor_that_gives_up_ends_the_pass() {
    struct GivesUp;
    impl Visitor for GivesUp {
        fn wants(&mut self, _: &Entry<'_>) -> bool {
            true
        }
        fn content(&mut self, _: &Entry<'_>, _: &mut dyn Read) -> Result<(), ScanError> {
            Err(ScanError::Visitor("enough".into()))
        }
    }
    // Larger than all buffers together, so that the inflating thread is stopped in its work.
    let blob = layer(&[Put::File("a", b"x"), Put::File("b", &vec![0; 8 << 20])]);
    let open = |_: usize| -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(blob.clone())))
    };
    let result = LayeredTree::new(vec![LayerSource::default()], &open).scan(&mut GivesUp);
    assert!(matches!(result, Err(ScanError::Visitor(_))));
}

#[test]
fn names_what_cannot_be_opened() {
    let open =
        |_: usize| -> io::Result<Box<dyn Read + Send>> { Err(io::ErrorKind::NotFound.into()) };
    let sources = vec![LayerSource {
        name: "sha256:x".to_owned(),
        ..LayerSource::default()
    }];
    let error = LayeredTree::new(sources, &open)
        .scan(&mut Recorder::default())
        .unwrap_err();
    assert!(matches!(error, ScanError::Read { path, .. } if path == "sha256:x"));
}
