//! `up`: the data directory's Sigstore, served over HTTP to other clients.
//!
//! One port answers as Fulcio (v1 and v2), Rekor (v1 and v2), timestamp authority and update repository,
//! and gives the documents with which clients begin. What is served is the local profile: the same keys,
//! the same log, while `seal` goes on using them in other processes.
//!
//! For development: there is no access control but the identity tokens, so that nothing but a loopback
//! address is listened on. Requests are answered until SIGINT or SIGTERM; whatever was answered is
//! durable, so that being killed loses nothing but what was not answered.

mod documents;
mod issuer;
mod server;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sealwright_authority::http::AuthorityService;
use sealwright_authority::oidc::TokenVerifier;
use sealwright_files as files;
use sealwright_files::LockFile;
use sealwright_files::SystemClock;
use sealwright_log::http::LogService;

use self::documents::Documents;
pub use self::issuer::InvalidIssuer;
pub use self::issuer::IssuerSource;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;
use crate::local;
use crate::local::LocalSigstore;

/// How to serve.
#[derive(Clone, Debug)]
pub struct UpOptions {
    /// The address; port 0 is any that is free.
    pub listen: SocketAddr,
    /// Whose identity tokens are believed.
    pub issuers: Vec<IssuerSource>,
    /// Where the documents for clients are written; `up` in the data directory by default.
    pub write: Option<PathBuf>,
}

/// What is served, and where.
#[derive(Clone, Debug)]
pub struct Served {
    /// The base URL of all services.
    pub url: String,
    /// Where the documents for clients were written.
    pub documents: PathBuf,
    /// The issuers whose tokens are believed.
    pub issuers: Vec<String>,
    /// The data directory.
    pub home: PathBuf,
}

/// Something that happened while serving.
#[derive(Debug)]
pub enum UpEvent {
    /// Requests are answered from now on.
    Ready(Served),
    /// A request was answered.
    Answered(Answered),
    /// Certificates or metadata were renewed.
    Renewed,
    /// Renewing failed, and is tried again later.
    RenewalFailed(Failure),
    /// It was told to stop, and answers what is under way.
    Stopping,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The method.
    pub method: String,
    /// The path: anybody's text.
    pub path: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong here, which was not said to the client.
    pub inside: Option<String>,
}

/// Serves until the process is told to stop, and tells what happens.
///
/// # Errors
/// `usage.listen-not-loopback`, `up.already-running`, `up.listen-failed`, `up.issuer-unusable`,
/// `authority.issuer-unusable`; what keeps the data directory from being opened, or the documents from
/// being written.
pub fn up(
    context: &Context<'_>,
    options: &UpOptions,
    observe: &mut dyn FnMut(UpEvent),
) -> Result<(), Failure> {
    if !options.listen.ip().is_loopback() {
        return Err(Error::ListenNotLoopback(options.listen).into());
    }
    let home = local::directory(context)?;
    home.create()?;
    let directory = home.join("up");
    files::create_private_directory(&directory)?;
    let Some(_only) = LockFile::try_exclusive(&directory.join("lock"))? else {
        return Err(Error::AlreadyUp(home.path().to_owned()).into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    // Before anything is made: whoever cannot listen needs nothing.
    let listener = runtime.block_on(server::listen(options.listen))?;
    let address = listener.local_addr().map_err(|source| Error::Listen {
        address: options.listen,
        source,
    })?;
    let mut issuers = Vec::new();
    for source in &options.issuers {
        issuers.push(
            runtime
                .block_on(source.load(context.timeout))
                .about(source.url())?,
        );
    }

    let sigstore = LocalSigstore::open(context)?;
    let served = Served {
        url: format!("http://{address}"),
        documents: options.write.clone().unwrap_or_else(|| directory.clone()),
        issuers: options
            .issuers
            .iter()
            .map(|it| it.url().to_owned())
            .collect(),
        home: home.path().to_owned(),
    };
    let documents = Documents::new(home.join("tuf"), &served);
    documents.publish(&sigstore, context.clock.now())?;
    documents.write()?;

    // The services live on other threads than whoever lent the clock.
    let clock = Arc::new(SystemClock);
    let (authority, log, _shared) = sigstore.into_parts();
    let services = server::Services {
        log: Arc::new(LogService::new(log, Arc::clone(&clock) as _)?),
        authority: Arc::new(AuthorityService::new(
            authority,
            TokenVerifier::new(issuers),
            clock,
        )),
        documents: Arc::new(documents),
    };
    let outcome = runtime.block_on(server::run(listener, &services, context, served, observe));
    // What is being written is written to its end.
    runtime.shutdown_timeout(LONGEST_END);
    services.documents.withdraw();
    outcome
}

impl Served {
    /// Where the timestamp authority answers.
    pub fn timestamp_url(&self) -> String {
        format!("{}/api/v1/timestamp", self.url)
    }

    /// Where the update repository is.
    pub fn repository_url(&self) -> String {
        format!("{}/tuf", self.url)
    }
}

/// How many threads answer.
const WORKERS: usize = 2;
/// How long what is under way may take when it is time to stop.
const LONGEST_END: Duration = Duration::from_secs(10);
