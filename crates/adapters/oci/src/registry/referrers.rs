//! Finding what refers to an artifact: the referrers API, else the fallback tag
//! (distribution-spec v1.1, "Listing Referrers").

use std::collections::BTreeSet;

use backon::Retryable as _;
use http::HeaderValue;
use sealwright_core::Digest;
use sealwright_net::Answer;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::Url;
use sealwright_net::header;

use super::Access;
use super::Repository;
use super::attach::is_passing;
use super::attach::soon;
use crate::Error;
use crate::evidence::Referrers;
use crate::referrer::ReferrerList;
use crate::referrer::fallback_tag;

impl Repository {
    /// Everything that refers to the artifact of this digest, as far as the registry lists it.
    ///
    /// # Errors
    /// Any `registry.…`. An artifact without referrers, or an unknown one, is no error.
    pub async fn referrers(&self, subject: &Digest) -> Result<Referrers, Error> {
        match self.listed_referrers(subject).await? {
            Some(referrers) => Ok(referrers),
            None => Ok(self.collect_tagged(self.tagged_list(&fallback_tag(subject)).await?)),
        }
    }

    /// What the referrers API lists; `None` where there is no such API.
    pub(super) async fn listed_referrers(
        &self,
        subject: &Digest,
    ) -> Result<Option<Referrers>, Error> {
        let mut url = Some(self.url(&format!("referrers/{subject}"))?);
        let mut collected = Collected::default();
        let mut pages = 0;
        while let Some(next) = url.take() {
            if pages == self.limits().referrer_pages {
                collected.referrers.truncated = true;
                break;
            }
            let Some(answer) = self.referrers_page(next).await? else {
                if pages == 0 {
                    return Ok(None);
                }
                break;
            };
            pages += 1;
            let list = ReferrerList::read(&answer.body).map_err(|reason| {
                let wish = self.wish(Access::Pull, LIST);
                self.registry.malformed_answer(&wish, reason)
            })?;
            if !collected.take(&list, self.limits().referrers) {
                break;
            }
            url = self.next_page(&answer)?;
        }
        Ok(Some(collected.referrers))
    }

    /// Whether the registry lists referrers itself.
    pub(crate) async fn has_referrers_api(&self, subject: &Digest) -> Result<bool, Error> {
        let url = self.url(&format!("referrers/{subject}"))?;
        Ok(self.referrers_page(url).await?.is_some())
    }

    /// The list under the fallback tag, if there is one. docker-registry answers 500 to whoever
    /// reads a tag in the moment it is written: such an answer is asked for again.
    pub(super) async fn tagged_list(&self, tag: &str) -> Result<Option<ReferrerList>, Error> {
        let fetch = || self.fetch_manifest(tag);
        let fetched = fetch.retry(soon()).when(is_passing);
        let answer = match fetched.await {
            Ok(answer) => answer,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let list = ReferrerList::read(&answer.body);
        list.map(Some).map_err(|reason| Error::Malformed {
            place: self.place(),
            what: format!("manifest under tag {tag}"),
            reason,
        })
    }

    /// What a list under the fallback tag names.
    pub(super) fn collect_tagged(&self, list: Option<ReferrerList>) -> Referrers {
        let mut collected = Collected::default();
        if let Some(list) = list {
            collected.take(&list, self.limits().referrers);
        }
        collected.referrers
    }

    /// One page of the referrers API; `None` when the registry has no such API.
    async fn referrers_page(&self, url: Url) -> Result<Option<Answer>, Error> {
        let wish = self.wish(Access::Pull, LIST);
        let accepted = HeaderValue::from_static(INDEX);
        let request = Request::new(Method::GET, url).header(header::ACCEPT, accepted);
        let limit = self.limits().manifest_bytes;
        let (answer, known) = self.exchange(&wish, &request, limit).await?;
        match answer.status.as_u16() {
            200 => Ok(Some(answer)),
            // What registries of before 1.1 say.
            400 | 404 | 405 | 406 | 501 => Ok(None),
            _ => Err(self.registry.refusal(&wish, known, "referrers", &answer)),
        }
    }

    /// The page that follows, by `Link: <url>; rel="next"` (RFC 8288).
    fn next_page(&self, answer: &Answer) -> Result<Option<Url>, Error> {
        let wish = self.wish(Access::Pull, LIST);
        let Some(link) = answer.header(header::LINK).and_then(next_link) else {
            return Ok(None);
        };
        let next = answer.url.join(link).ok();
        // Tokens are for this registry.
        let next = next.filter(|next| next.origin() == answer.url.origin());
        next.map(Some).ok_or_else(|| {
            let reason = format!("its next page is {link:?}, which is not in this registry");
            self.registry.malformed_answer(&wish, reason)
        })
    }
}

#[derive(Default)]
struct Collected {
    referrers: Referrers,
    seen: BTreeSet<Digest>,
}

impl Collected {
    /// Adds the entries of a list; says whether there is room for more.
    fn take(&mut self, list: &ReferrerList, most: usize) -> bool {
        let (entries, unreadable) = list.entries();
        self.referrers.unreadable += unreadable;
        for entry in entries {
            if !self.seen.insert(entry.digest) {
                continue;
            }
            if self.referrers.found.len() == most {
                self.referrers.truncated = true;
                return false;
            }
            self.referrers.found.push(entry);
        }
        true
    }
}

/// The target of the first link whose relation is `next`.
pub(super) fn next_link(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let (parameters, following) = match after.split_once('<') {
            Some((parameters, _)) => (parameters, after.get(parameters.len()..)?),
            None => (after, ""),
        };
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let parameter = parameter.trim();
            let value = parameter
                .strip_prefix("rel=")
                .map(|value| value.trim_matches('"'));
            value.is_some_and(|value| value.split(' ').any(|one| one.eq_ignore_ascii_case("next")))
        });
        if is_next {
            return Some(target);
        }
        rest = following;
    }
    None
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LIST: &str = "list referrers";
