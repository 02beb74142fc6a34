//! Evidence in every form, in a layout directory: its own tags and referrers, and what `cosign save`
//! leaves.

use std::collections::BTreeSet;

use sealwright_core::Digest;

use super::Layout;
use super::search;
use crate::Descriptor;
use crate::Error;
use crate::Manifest;
use crate::stored::Budget;
use crate::stored::EvidenceSource;
use crate::stored::FoundStored;
use crate::stored::LegacyKind;
use crate::stored::may_hold_evidence;
use crate::stored::pieces;

pub(super) fn evidence(layout: &Layout, subject: &Digest) -> Result<FoundStored, Error> {
    let budget = Budget::new(layout.limits());
    let referrers = layout.referrers(subject)?;
    let mut found = FoundStored {
        truncated: referrers.truncated,
        unreadable: referrers.unreadable,
        ..FoundStored::default()
    };
    let mut seen = BTreeSet::new();
    for referrer in referrers.found {
        seen.insert(referrer.digest);
        match may_hold_evidence(&referrer) {
            true => read(
                layout,
                &EvidenceSource::Referrer,
                &referrer,
                None,
                &budget,
                &mut found,
            ),
            false => found.pass(&referrer, None),
        }
    }
    let (entries, _) = layout.index()?.entries();
    for kind in LegacyKind::ALL {
        let budget = Budget::new(layout.limits());
        for (source, entry) in listed(&entries, subject, kind) {
            if seen.insert(entry.digest) {
                read(layout, &source, entry, Some(kind), &budget, &mut found);
            }
        }
    }
    Ok(found)
}

/// The manifest of one kind about an artifact; of several the first.
pub(super) fn under_tag(
    layout: &Layout,
    subject: &Digest,
    kind: LegacyKind,
) -> Result<Option<Manifest>, Error> {
    let (entries, _) = layout.index()?.entries();
    let first = listed(&entries, subject, kind).into_iter().next();
    first.map(|(_, entry)| layout.manifest(entry)).transpose()
}

/// Entries of the index that hold legacy evidence of one kind about an artifact: by their tag, or because they
/// were saved together with it. Of several images in one directory cosign does not note which
/// signatures belong to which: all are given, and what each signs will tell.
fn listed<'a>(
    entries: &'a [Descriptor],
    subject: &Digest,
    kind: LegacyKind,
) -> Vec<(EvidenceSource, &'a Descriptor)> {
    let tag = kind.tag(subject);
    let tagged = entries.iter().filter(|entry| search::has_tag(entry, &tag));
    let mut listed: Vec<_> = tagged
        .map(|entry| (EvidenceSource::Tag(tag.clone()), entry))
        .collect();
    let was_saved = entries
        .iter()
        .any(|entry| entry.digest == *subject && search::is_saved_image(entry));
    if was_saved {
        let is_kind = |entry: &&Descriptor| {
            search::saved_kind(entry).and_then(LegacyKind::of_saved) == Some(kind)
        };
        let saved = entries.iter().filter(is_kind);
        listed.extend(saved.map(|entry| (EvidenceSource::Saved, entry)));
    }
    listed
}

fn read(
    layout: &Layout,
    source: &EvidenceSource,
    manifest: &Descriptor,
    known: Option<LegacyKind>,
    budget: &Budget,
    found: &mut FoundStored,
) {
    let read = match layout.manifest(manifest) {
        Ok(read) => read,
        Err(error) => return found.pass(manifest, Some(error)),
    };
    let place = layout.place();
    let (pieces, complete) = budget.first(pieces(&place, &read, known));
    found.truncated |= !complete;
    let pieces = pieces.into_iter().map(|piece| {
        let piece = piece?;
        budget.take(&piece, &place, layout.limits())?;
        let content = layout.blob(&piece.layer, piece.layer.size)?;
        Ok(piece.with(content))
    });
    found.add(source, manifest, pieces.collect());
}
