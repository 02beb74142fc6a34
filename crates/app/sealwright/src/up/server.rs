//! The port: all services behind it, answered until the process is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware;
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use axum::response::Response;
use axum::routing::get;
use sealwright_authority::http as authority_http;
use sealwright_authority::http::AuthorityService;
use sealwright_http::InsideMessage;
use sealwright_log::http as log_http;
use sealwright_log::http::LogService;
use tokio::net::TcpListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Answered;
use super::Served;
use super::UpEvent;
use super::documents::Documents;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::local::LocalSigstore;

/// What is behind the port.
pub(super) struct Services {
    pub(super) authority: Arc<AuthorityService>,
    pub(super) documents: Arc<Documents>,
    pub(super) log: Arc<LogService>,
}

impl Services {
    fn router(&self, answered: mpsc::Sender<Answered>) -> Router {
        // What the log's router says of paths that are nobody's holds for all.
        let repository = Arc::clone(&self.documents.repository);
        log_http::router(Arc::clone(&self.log))
            .merge(authority_http::router(Arc::clone(&self.authority)))
            .nest("/tuf", authority_http::repository_router(repository))
            .route(
                "/{document}",
                get(document).with_state(Arc::clone(&self.documents)),
            )
            .layer(middleware::from_fn_with_state(answered, tell))
    }

    /// Opens the Sigstore anew, which renews what is due, and publishes what it says then. Says whether
    /// that is something else than before.
    fn renew(&self, context: &Context<'_>) -> Result<bool, Failure> {
        let sigstore = LocalSigstore::open(context)?;
        let is_new = self.documents.publish(&sigstore, context.clock.now())?;
        if is_new {
            self.documents.write()?;
        }
        let (authority, _log, _shared) = sigstore.into_parts();
        self.authority.replace_authority(authority);
        Ok(is_new)
    }
}

/// Begins to listen.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen { address, source }.into())
}

/// Answers until the process is told to stop, and then what is under way.
pub(super) async fn run(
    listener: TcpListener,
    services: &Services,
    context: &Context<'_>,
    served: Served,
    observe: &mut dyn FnMut(UpEvent),
) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Runtime)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Runtime)?;
    let (teller, mut answered) = mpsc::channel(MAX_UNTOLD);
    let (stop, mut stopped) = watch::channel(());
    let server =
        axum::serve(listener, services.router(teller)).with_graceful_shutdown(async move {
            // Also when the sender is gone.
            let _ = stopped.changed().await;
        });
    let mut server = tokio::spawn(server.into_future());
    let mut renewal = tokio::time::interval(RENEWAL);
    renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first comes at once.
    renewal.tick().await;
    observe(UpEvent::Ready(served));
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            Some(answered) = answered.recv() => observe(UpEvent::Answered(answered)),
            _ = renewal.tick() => match services.renew(context) {
                Ok(true) => observe(UpEvent::Renewed),
                Ok(false) => {}
                Err(failure) => observe(UpEvent::RenewalFailed(failure)),
            },
            ended = &mut server => return ended_early(ended),
        }
    }
    observe(UpEvent::Stopping);
    let _ = stop.send(());
    let patience = tokio::time::sleep(super::LONGEST_END);
    tokio::pin!(patience);
    loop {
        tokio::select! {
            Some(answered) = answered.recv() => observe(UpEvent::Answered(answered)),
            // Impatience, or a client that does not end.
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            () = &mut patience => break,
            _ = &mut server => break,
        }
    }
    Ok(())
}

/// The server ends when it is told to, and only then.
fn ended_early(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> Result<(), Failure> {
    let source = match ended {
        Ok(Ok(())) => std::io::ErrorKind::UnexpectedEof.into(),
        Ok(Err(source)) => source,
        Err(error) => std::io::Error::other(error),
    };
    Err(Error::Runtime(source).into())
}

/// Tells what was answered.
async fn tell(
    State(teller): State<mpsc::Sender<Answered>>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let inside = response.extensions().get::<InsideMessage>();
    let inside = inside.map(|message| message.0.clone());
    // Whoever does not listen fast enough misses some; clients do not wait for that.
    let _ = teller.try_send(Answered {
        method,
        path,
        status: response.status().as_u16(),
        inside,
    });
    response
}

/// `GET /trust_config.json` and its like.
async fn document(State(documents): State<Arc<Documents>>, Path(name): Path<String>) -> Response {
    match documents.all().into_iter().find(|it| it.name == name) {
        Some(document) => {
            ([(header::CONTENT_TYPE, "application/json")], document.bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// How often certificates and metadata are looked at.
const RENEWAL: Duration = Duration::from_secs(3600);
/// How many answers wait to be told.
const MAX_UNTOLD: usize = 1024;
