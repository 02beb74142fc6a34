use super::*;

const TEXT: &str = "log.example\n1\nrs1YPY0ydAV0lxgfrq5pE4oRpUJwo3syeps5+eGUTDI=\n";
const KEY: [u8; 32] = [5; 32];

/// Stands for a signature scheme: the "signature" is made of the message's hash.
fn sign(message: &[u8]) -> [u8; 64] {
    let hash = crate::leaf_hash(message);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&hash);
    signature[32..].copy_from_slice(&hash);
    signature
}

fn check(message: &[u8], signature: &[u8]) -> bool {
    sign(message) == signature
}

fn line(name: &str, time: u64) -> NoteSignature {
    NoteSignature {
        name: name.to_owned(),
        key_hint: crate::key_hint(&crate::cosignature_key_id(name, &KEY)),
        signature: Cosignature {
            time,
            signature: sign(&Cosignature::message(TEXT, time)),
        }
        .to_bytes(),
    }
}

fn note(lines: impl IntoIterator<Item = NoteSignature>) -> SignedNote {
    let mut note = SignedNote::new(TEXT.to_owned()).unwrap();
    for line in lines {
        note.add(line).unwrap();
    }
    note
}

fn verify(note: &SignedNote) -> Result<u64, Error> {
    Cosignature::verify(note, "w.example", &KEY, check)
}

#[test]
fn gives_the_time_of_a_valid_cosignature_in_any_place() {
    let good = note([line("other.example", 1), line("w.example", 1_724_000_000)]);
    assert_eq!(verify(&good), Ok(1_724_000_000));
    let mut wrong_first = line("w.example", 3);
    wrong_first.signature[7] ^= 1;
    assert_eq!(verify(&note([wrong_first, line("w.example", 3)])), Ok(3));
}

#[test]
fn refuses_one_thing_wrong_at_a_time() {
    let absent = Error::CosignatureAbsent {
        name: "w.example".to_owned(),
    };
    let wrong = Error::CosignatureWrong {
        name: "w.example".to_owned(),
    };
    assert_eq!(
        verify(&note([line("other.example", 1)])),
        Err(absent.clone())
    );
    let mut renamed = line("w.example", 1);
    renamed.name = "v.example".to_owned();
    assert_eq!(verify(&note([renamed])), Err(absent));
    for byte in [0, 7, 8, 71] {
        let mut changed = line("w.example", 1);
        changed.signature[byte] ^= 1;
        assert_eq!(verify(&note([changed])), Err(wrong.clone()), "{byte}");
    }
    let mut short = line("w.example", 1);
    short.signature.pop();
    assert_eq!(verify(&note([short])), Err(Error::CosignatureLength));
    let mut long = line("w.example", 1);
    long.signature.push(0);
    assert_eq!(verify(&note([long])), Err(Error::CosignatureLength));
}

#[test]
fn the_message_is_that_of_the_specification() {
    assert_eq!(
        Cosignature::message("example.com/log\n1\nroot\n", 1_679_315_147),
        b"cosignature/v1\ntime 1679315147\nexample.com/log\n1\nroot\n"
    );
}
