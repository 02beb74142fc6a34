//! Signed notes, checkpoints, cosignatures and the tiles at a log's edge.

use sealwright_tlog::Checkpoint;
use sealwright_tlog::Cosignature;
use sealwright_tlog::EdgeTiles;
use sealwright_tlog::SignedNote;

pub(super) fn checkpoint(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_string(), text, "one text for one checkpoint");
        let _ = checkpoint.head();
    }
    let Ok(note) = SignedNote::parse(text) else {
        return;
    };
    assert_eq!(note.to_string(), text, "one text for one note");
    let _ = Checkpoint::parse(note.text());
    for signature in note.signatures() {
        if let Ok(cosignature) = Cosignature::parse(signature) {
            assert_eq!(cosignature.to_bytes(), signature.signature);
        }
    }
}

pub(super) fn edge_tiles(data: &[u8]) {
    let Ok(mut edge) = EdgeTiles::from_bytes(data) else {
        return;
    };
    assert_eq!(edge.to_bytes(), data);
    let before = edge.size();
    let _ = edge.head();
    if edge.push([7; 32]).is_ok() {
        assert_eq!(edge.size(), before + 1);
        let again = EdgeTiles::from_bytes(&edge.to_bytes()).expect("reads what it wrote");
        assert_eq!(again.head(), edge.head());
    }
}
