use proptest::prelude::*;

use super::*;

const TEXT: &str = "log.example\n736\nrs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=\n";

fn note() -> SignedNote {
    let mut note = SignedNote::new(TEXT.to_owned()).unwrap();
    for (name, byte) in [
        ("witness.example/w1", 1),
        ("log.example", 2),
        ("log.example", 3),
    ] {
        note.add(NoteSignature {
            name: name.to_owned(),
            key_hint: [byte; 4],
            signature: vec![byte; 64],
        })
        .unwrap();
    }
    note
}

fn fault(text: &str) -> NoteFault {
    match SignedNote::parse(text) {
        Err(Error::Note(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn prints_what_it_parses() {
    let note = note();
    assert_eq!(SignedNote::parse(&note.to_string()).unwrap(), note);
    assert_eq!(note.text(), TEXT);
}

#[test]
fn finds_signatures_by_key_wherever_they_stand() {
    let note = note();
    let found: Vec<_> = note.signatures_by([3; 4]).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].signature, vec![3; 64]);
    assert_eq!(note.signatures_by([9; 4]).count(), 0);
}

#[test]
fn a_blank_line_may_stand_in_the_text() {
    let text = format!("above\n\nbelow\n\n{}\n", note().signatures()[0]);
    assert_eq!(SignedNote::parse(&text).unwrap().text(), "above\n\nbelow\n");
}

#[test]
fn refuses_one_thing_wrong_at_a_time() {
    let good = note().to_string();
    let change = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        fault(&changed)
    };
    assert_eq!(change("\n\n", "\n"), NoteFault::NoBlankLine);
    assert_eq!(change("\u{2014} ", "- "), NoteFault::SignatureLine);
    assert_eq!(change("\u{2014} ", "\u{2014}"), NoteFault::SignatureLine);
    assert_eq!(change("\u{2014} w", "\u{2014}  w"), NoteFault::Name);
    assert_eq!(change("witness.", "witness+"), NoteFault::Name);
    assert_eq!(change("witness.", "witness\u{a0}"), NoteFault::Name);
    assert_eq!(
        change("log.example\n", "log.\texample\n"),
        NoteFault::ControlCharacter
    );
    assert_eq!(
        change("log.example\n", "log.\rexample\n"),
        NoteFault::ControlCharacter
    );
    assert_eq!(change("AQEBAQ", "*QEBAQ"), NoteFault::SignatureBase64);
    assert_eq!(change("AQE=\n", "AQE=\n=\n"), NoteFault::SignatureLine);
    assert_eq!(change(TEXT, "\n"), NoteFault::NoText);
    assert_eq!(fault(good.trim_end()), NoteFault::NoSignatures);
    assert_eq!(fault(&format!("{TEXT}\n")), NoteFault::NoSignatures);
    assert_eq!(fault(&format!("{TEXT}\n\n")), NoteFault::NoSignatures);
    assert_eq!(
        fault(&format!("{TEXT}\n\u{2014} log.example AAAAAA==\n")),
        NoteFault::SignatureTooShort
    );
    // Stray bits below the padding, no padding, the other alphabet.
    for encoded in ["AAAAAAF=", "AAAAAAA", "AAAAAA_="] {
        assert_eq!(
            fault(&format!("{TEXT}\n\u{2014} log.example {encoded}\n")),
            NoteFault::SignatureBase64,
            "{encoded}"
        );
    }
}

#[test]
fn refuses_more_than_its_limits() {
    let line = format!("{}\n", note().signatures()[0]);
    let fits = format!("{TEXT}\n{}", line.repeat(100));
    assert_eq!(SignedNote::parse(&fits).unwrap().signatures().len(), 100);
    assert_eq!(
        fault(&format!("{fits}{line}")),
        NoteFault::TooManySignatures
    );
    let long = format!("{}\n\n{line}", "x".repeat(SignedNote::MAX_BYTES));
    assert!(matches!(fault(&long), NoteFault::TooLong { .. }));
}

#[test]
fn truncation_anywhere_is_refused_or_loses_whole_signatures() {
    let good = note();
    let text = good.to_string();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        if let Ok(short) = SignedNote::parse(&text[..end]) {
            assert_eq!(short.text(), good.text());
            assert!(good.signatures().starts_with(short.signatures()));
        }
    }
}

proptest! {
    #[test]
    fn never_panics(text in "(\\PC|\n|\u{2014} |==){0,80}") {
        if let Ok(note) = SignedNote::parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }
}
