use super::*;
use crate::SignedNote;

const TEXT: &str = "log.example\n736\nrs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=\n";

#[test]
fn prints_what_it_parses() {
    for text in [
        TEXT.to_owned(),
        format!("{TEXT}Timestamp: 1700000000\nmore\n"),
        TEXT.replace("736", "0"),
        TEXT.replace("log.example", "log.example - 1193050959916656506"),
    ] {
        assert_eq!(Checkpoint::parse(&text).unwrap().to_string(), text);
    }
    let checkpoint = Checkpoint::parse(TEXT).unwrap();
    assert_eq!(checkpoint.head().size, 736);
    assert_eq!(
        Checkpoint::new("log.example", &checkpoint.head()),
        checkpoint
    );
}

#[test]
fn refuses_one_thing_wrong_at_a_time() {
    let check = |from: &str, to: &str, wanted: CheckpointFault| {
        let text = TEXT.replacen(from, to, 1);
        assert_ne!(text, TEXT, "{from}");
        assert_eq!(Checkpoint::parse(&text), Err(Error::Checkpoint(wanted)));
    };
    check("log.example", "", CheckpointFault::Origin);
    check("log.example\n", "", CheckpointFault::Size);
    for size in [
        "",
        "0736",
        "+736",
        "-1",
        "7 36",
        "18446744073709551616",
        "x",
    ] {
        check("736", size, CheckpointFault::Size);
    }
    check("736\n", "", CheckpointFault::Size);
    check("TDI=", "TDI", CheckpointFault::Root);
    check("TDI=", "TDJ=", CheckpointFault::Root);
    check("rs1Y", "", CheckpointFault::Root);
    check("TDI=\n", "TDI=", CheckpointFault::NoLastLineFeed);
    check("TDI=\n", "TDI=\n\n", CheckpointFault::Extension);
    let many = format!("{TEXT}{}", "x\n".repeat(101));
    assert_eq!(
        Checkpoint::parse(&many),
        Err(Error::Checkpoint(CheckpointFault::Extension))
    );
}

#[test]
fn reads_the_notes_of_the_conformance_suite() {
    let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
        return;
    };
    let cases = std::fs::read_dir(corpus.join("test/assets/bundle-verify")).unwrap();
    let mut seen = 0;
    for case in cases {
        let case = case.unwrap();
        let name = case.file_name().into_string().unwrap();
        let Ok(bundle) = std::fs::read_to_string(case.path().join("bundle.sigstore.json")) else {
            continue;
        };
        let Some(note) = envelope(&bundle) else {
            continue;
        };
        let read = SignedNote::parse(&note).and_then(|note| Checkpoint::parse(note.text()));
        let malformed = [
            "checkpoint-missing-log-signature",
            "checkpoint-missing-origin",
            "checkpoint-missing-root-hash",
            "checkpoint-missing-size",
        ];
        let broken = malformed.iter().any(|part| name.contains(part));
        assert_eq!(read.is_err(), broken, "{name}: {read:?}");
        seen += 1;
    }
    assert!(seen > 40, "{seen}");
}

/// The checkpoint of a bundle's first entry.
fn envelope(bundle: &str) -> Option<String> {
    let bundle: serde_json::Value = serde_json::from_str(bundle).ok()?;
    let envelope =
        bundle.pointer("/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope")?;
    Some(envelope.as_str()?.to_owned())
}
