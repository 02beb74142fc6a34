//! Evidence in every form, found with few round trips.
//!
//! Everything that may exist is asked for at once: the referrers, the fallback tag that lists them
//! where there is no API, and cosign's three tags. Then come the manifests of referrers, together
//! with the blobs of what the tags named, then the blobs of referrers: three round trips once there
//! is a connection, as long as the referrers fit on one page and no more than [`AT_ONCE`] of them
//! are to be read.

use futures_util::StreamExt as _;
use futures_util::future;
use futures_util::stream;
use sealwright_core::Digest;

use super::Repository;
use crate::Descriptor;
use crate::Error;
use crate::Manifest;
use crate::evidence::Referrers;
use crate::referrer::fallback_tag;
use crate::stored::Budget;
use crate::stored::EvidenceSource;
use crate::stored::FoundStored;
use crate::stored::LegacyKind;
use crate::stored::Piece;
use crate::stored::StoredEvidence;
use crate::stored::may_hold_evidence;
use crate::stored::pieces;

/// What became of one place that was looked at.
type Part = Result<FoundStored, (EvidenceSource, Error)>;

impl Repository {
    /// Reads all evidence of an artifact in every form that this repository holds. The artifact
    /// itself may be in another one (cosign's `COSIGN_REPOSITORY`): only its digest is asked for.
    ///
    /// # Errors
    /// Any `registry.…` when nothing was found and some place gave no answer. A piece that cannot
    /// be read is no error.
    pub async fn stored_evidence(&self, subject: &Digest) -> Result<FoundStored, Error> {
        let [signatures, attestations, sbom] = LegacyKind::ALL;
        let ((a, b), (c, d)) = future::join(
            future::join(
                self.stored_in_referrers(subject),
                self.stored_under_tag(subject, signatures),
            ),
            future::join(
                self.stored_under_tag(subject, attestations),
                self.stored_under_tag(subject, sbom),
            ),
        )
        .await;
        FoundStored::gather([a, b, c, d])
    }

    async fn stored_in_referrers(&self, subject: &Digest) -> Part {
        let budget = &Budget::new(self.limits());
        let source = EvidenceSource::Referrer;
        let referrers = match self.referrers_at_once(subject).await {
            Ok(referrers) => referrers,
            Err(error) => return Err((source, error)),
        };
        let mut found = FoundStored {
            truncated: referrers.truncated,
            unreadable: referrers.unreadable,
            ..FoundStored::default()
        };
        let (candidates, others): (Vec<_>, Vec<_>) =
            referrers.found.into_iter().partition(may_hold_evidence);
        for other in others {
            found.pass(&other, None);
        }
        // Each holds one piece or more, and what is not read need not be fetched.
        let most = self.limits().evidence_pieces;
        found.truncated |= candidates.len() > most;
        let mut read = stream::iter(candidates.into_iter().take(most))
            .map(async |referrer| {
                let read = match self.manifest(&referrer).await {
                    Ok(manifest) => Ok(self.stored_pieces(&manifest, None, budget).await),
                    Err(error) => Err(error),
                };
                (referrer, read)
            })
            .buffered(AT_ONCE);
        while let Some((referrer, read)) = read.next().await {
            match read {
                Ok((pieces, complete)) => {
                    found.truncated |= !complete;
                    found.add(&source, &referrer, pieces);
                }
                Err(error) => found.pass(&referrer, Some(error)),
            }
        }
        Ok(found)
    }

    /// The referrers by the API, else those under the fallback tag; both asked for at once.
    async fn referrers_at_once(&self, subject: &Digest) -> Result<Referrers, Error> {
        let tag = fallback_tag(subject);
        let listed = self.listed_referrers(subject);
        let tagged = self.tagged_list(&tag);
        match future::join(listed, tagged).await {
            (Ok(Some(listed)), _) => Ok(listed),
            (Ok(None), Ok(tagged)) => Ok(self.collect_tagged(tagged)),
            (Ok(None), Err(error)) | (Err(error), _) => Err(error),
        }
    }

    async fn stored_under_tag(&self, subject: &Digest, kind: LegacyKind) -> Part {
        let budget = &Budget::new(self.limits());
        let tag = kind.tag(subject);
        let fetched = self.tagged_manifest(&tag).await;
        let source = EvidenceSource::Tag(tag);
        let mut found = FoundStored::default();
        match fetched {
            Ok(Some(manifest)) => {
                let (pieces, complete) = self.stored_pieces(&manifest, Some(kind), budget).await;
                found.truncated = !complete;
                found.add(&source, &manifest.descriptor, pieces);
            }
            Ok(None) => {}
            Err(error) => return Err((source, error)),
        }
        Ok(found)
    }

    /// Reads the pieces of a manifest; says whether all of them may be read.
    async fn stored_pieces(
        &self,
        manifest: &Manifest,
        known: Option<LegacyKind>,
        budget: &Budget,
    ) -> (Vec<Result<(Digest, StoredEvidence), Error>>, bool) {
        let (pieces, complete) = budget.first(pieces(&self.place(), manifest, known));
        let read = stream::iter(pieces)
            .map(async |piece| self.stored_piece(piece?, budget).await)
            .buffered(AT_ONCE)
            .collect()
            .await;
        (read, complete)
    }

    async fn stored_piece(
        &self,
        piece: Piece,
        budget: &Budget,
    ) -> Result<(Digest, StoredEvidence), Error> {
        budget.take(&piece, &self.place(), self.limits())?;
        let layer: &Descriptor = &piece.layer;
        let content = self.blob(layer, layer.size).await?;
        Ok(piece.with(content))
    }
}

/// How many manifests, and blobs of one manifest, are read at once.
const AT_ONCE: usize = 64;
