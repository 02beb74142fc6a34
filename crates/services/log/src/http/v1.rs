//! The routes of Rekor v1.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_http::blocking;
use sealwright_http::json;
use sealwright_http::typed;
use sealwright_sigstore::LogVersion;
use sealwright_store::FileLayer;
use sealwright_tlog::Hash;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::answer;
use super::answer::Consistency;
use super::answer::EntryMap;
use super::answer::Info;
use super::error::Refusal;
use super::error::Whole;
use super::index;
use super::request;
use super::request::Proposal;
use super::service::Added;
use super::service::LogService;

const VERSION: LogVersion = LogVersion::V1;
type Service<L> = State<Arc<LogService<L>>>;

/// `POST /api/v1/log/entries`
pub(super) async fn add<L: FileLayer + 'static>(
    State(service): Service<L>,
    whole: Whole,
) -> Result<Response, Refusal> {
    blocking(move || {
        let Proposal {
            entry,
            envelope_hash,
        } = request::version_1(&whole.bytes)?;
        let public = service.log().public();
        match service.add(&entry, envelope_hash.as_ref(), VERSION)? {
            Added::Known(_, leaf) => Err(Refusal::conflict(&answer::id(public, &leaf))),
            Added::New(entry) => {
                let (id, entries) = answer::entry(public, *entry);
                let mut response = (StatusCode::CREATED, json(&entries)).into_response();
                // Clients in Go look the entry up under the tag, which so has no quotes.
                for (name, value) in [
                    (header::LOCATION, answer::location(&id)),
                    (header::ETAG, id),
                ] {
                    if let Ok(value) = HeaderValue::try_from(value) {
                        response.headers_mut().insert(name, value);
                    }
                }
                Ok(response)
            }
        }
    })
    .await
}

#[derive(Deserialize)]
pub(super) struct ByIndex {
    #[serde(rename = "logIndex")]
    log_index: u64,
}

/// `GET /api/v1/log/entries?logIndex=`
pub(super) async fn by_index<L: FileLayer + 'static>(
    State(service): Service<L>,
    query: Result<Query<ByIndex>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(query) = query.map_err(|_| Refusal::bad("wanted logIndex, a number"))?;
    blocking(move || Ok(json(&entry(&service, query.log_index)?))).await
}

/// `GET /api/v1/log/entries/{id}`
pub(super) async fn by_id<L: FileLayer + 'static>(
    State(service): Service<L>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&entry_of_id(&service, &id)?))).await
}

/// Clients in Go write `null` for a list of none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retrieval {
    #[serde(rename = "entryUUIDs")]
    ids: Option<Vec<String>>,
    #[serde(rename = "logIndexes")]
    indexes: Option<Vec<u64>>,
    entries: Option<Vec<Box<RawValue>>>,
}

/// `POST /api/v1/log/entries/retrieve`
pub(super) async fn retrieve<L: FileLayer + 'static>(
    State(service): Service<L>,
    whole: Whole,
) -> Result<Response, Refusal> {
    blocking(move || {
        let wanted: Retrieval = request::read(&whole.bytes)?;
        let ids = wanted.ids.unwrap_or_default();
        let indexes = wanted.indexes.unwrap_or_default();
        let entries = wanted.entries.unwrap_or_default();
        let count = ids.len() + indexes.len() + entries.len();
        if count > MAX_RETRIEVED {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("{count} entries were asked for, wanted at most {MAX_RETRIEVED}"),
            ));
        }
        let mut found: Vec<EntryMap> = Vec::new();
        let mut take = |entry: Result<EntryMap, Refusal>| match entry {
            Ok(entry) => {
                found.push(entry);
                Ok(())
            }
            Err(refusal) if refusal.is_not_found() => Ok(()),
            Err(refusal) => Err(refusal),
        };
        for id in &ids {
            take(entry_of_id(&service, id))?;
        }
        for index in &indexes {
            take(entry(&service, *index))?;
        }
        for proposed in &entries {
            let proposed = proposed.get().as_bytes();
            // Clients ask for an envelope in every form it may have been logged in.
            if !request::is_taken(proposed)? {
                continue;
            }
            let proposal = request::version_1(proposed)?;
            let hash = proposal.envelope_hash.as_ref();
            let body = service.body(&proposal.entry, hash, VERSION)?;
            take(entry_of_leaf(&service, &sealwright_tlog::leaf_hash(&body)))?;
        }
        Ok(json(&found))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Search {
    email: Option<String>,
    public_key: Option<SearchKey>,
    hash: Option<String>,
    operator: Option<Operator>,
}

#[derive(Deserialize)]
struct SearchKey {
    content: Option<Base64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operator {
    And,
    Or,
}

/// `POST /api/v1/index/retrieve`
pub(super) async fn search<L: FileLayer + 'static>(
    State(service): Service<L>,
    whole: Whole,
) -> Result<Response, Refusal> {
    blocking(move || {
        let wanted: Search = request::read(&whole.bytes)?;
        let mut keys = Vec::new();
        if let Some(hash) = &wanted.hash {
            keys.push(index::digest_key(&digest(hash)?));
        }
        if let Some(key) = &wanted.public_key {
            let pem = key
                .content
                .as_ref()
                .ok_or_else(|| Refusal::bad("a public key is wanted as its content"))?;
            keys.push(index::verifier_key(&request::verifier(pem)?));
        }
        keys.extend(wanted.email.as_deref().map(index::identity_key));
        let operator = wanted.operator.unwrap_or(Operator::Or);
        let places = {
            let index = service.index()?;
            let mut found = keys
                .iter()
                .map(|key| index.search(key).iter().copied().collect::<BTreeSet<u64>>());
            let first = found
                .next()
                .ok_or_else(|| Refusal::bad("wanted hash, publicKey or email"))?;
            found.fold(first, |all, more| match operator {
                Operator::And => &all & &more,
                Operator::Or => &all | &more,
            })
        };
        let public = service.log().public();
        let mut ids = Vec::new();
        for place in places.into_iter().take(MAX_FOUND) {
            let (body, _) = service.log().body(place)?;
            ids.push(answer::id(public, &sealwright_tlog::leaf_hash(&body)));
        }
        Ok(json(&ids))
    })
    .await
}

/// `GET /api/v1/log`
pub(super) async fn info<L: FileLayer + 'static>(
    State(service): Service<L>,
) -> Result<Response, Refusal> {
    blocking(move || {
        let log = service.log();
        let signed = log.signed_head(VERSION)?;
        Ok(json(&Info {
            inactive_shards: [],
            root_hash: answer::hex(&signed.head.root),
            signed_tree_head: signed.checkpoint,
            tree_id: log.public().tree_id().to_string(),
            tree_size: signed.head.size,
        }))
    })
    .await
}

/// `GET /api/v1/log/publicKey`
pub(super) async fn public_key<L: FileLayer + 'static>(State(service): Service<L>) -> Response {
    let pem = service.log().public().key(VERSION).to_pem();
    typed("application/x-pem-file", pem)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sizes {
    first_size: Option<u64>,
    last_size: u64,
    #[serde(rename = "treeID")]
    tree_id: Option<String>,
}

/// `GET /api/v1/log/proof`
pub(super) async fn proof<L: FileLayer + 'static>(
    State(service): Service<L>,
    query: Result<Query<Sizes>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(sizes) =
        query.map_err(|_| Refusal::bad("wanted lastSize and perhaps firstSize, numbers"))?;
    blocking(move || {
        let log = service.log();
        let (first, last) = (sizes.first_size.unwrap_or(1), sizes.last_size);
        let tree_id = log.public().tree_id().to_string();
        if sizes.tree_id.is_some_and(|asked| asked != tree_id) {
            return Err(Refusal::bad("there is no tree of this treeID here"));
        }
        let size = log.head()?.size;
        if first == 0 || first > last || last > size {
            return Err(Refusal::bad(format!(
                "sizes are {first} and {last}, wanted 1 or more, ascending, at most {size}"
            )));
        }
        let (proof, root) = log.consistency_between(first, last)?;
        Ok(json(&Consistency {
            hashes: proof.hashes.iter().map(answer::hex).collect(),
            root_hash: answer::hex(&root),
        }))
    })
    .await
}

fn entry<L: FileLayer>(service: &LogService<L>, index: u64) -> Result<EntryMap, Refusal> {
    let entry = service.log().get(index)?;
    if entry.log_version() != VERSION {
        return Err(Refusal::not_found());
    }
    Ok(answer::entry(service.log().public(), entry).1)
}

fn entry_of_leaf<L: FileLayer>(service: &LogService<L>, leaf: &Hash) -> Result<EntryMap, Refusal> {
    match service.place(leaf)? {
        Some(place) => entry(service, place),
        None => Err(Refusal::not_found()),
    }
}

/// By leaf hash, with the tree's id before it or without.
fn entry_of_id<L: FileLayer>(service: &LogService<L>, id: &str) -> Result<EntryMap, Refusal> {
    let tree = format!("{:016x}", service.log().public().tree_id());
    let leaf = match id.len() {
        80 => id
            .strip_prefix(tree.as_str())
            .ok_or_else(Refusal::not_found)?,
        _ => id,
    };
    let leaf = Digest::from_hex(DigestAlgorithm::Sha256, leaf)
        .map_err(|_| Refusal::bad("an entry's id has 64 or 80 hexadecimal digits"))?;
    entry_of_leaf(service, &leaf.first32())
}

/// `sha256:…`, or the digits alone.
fn digest(text: &str) -> Result<Digest, Refusal> {
    let (algorithm, digits) = text.split_once(':').unwrap_or(("sha256", text));
    algorithm
        .parse()
        .ok()
        .and_then(|algorithm| Digest::from_hex(algorithm, &digits.to_lowercase()).ok())
        .ok_or_else(|| Refusal::bad("a hash is wanted as sha256:DIGITS"))
}

/// How many entries are retrieved at once.
const MAX_RETRIEVED: usize = 10;
/// How many entries a search gives.
const MAX_FOUND: usize = 1000;
