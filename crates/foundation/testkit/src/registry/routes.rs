//! What the registry answers.

use std::io::BufReader;
use std::net::TcpStream;

use sealwright_core::Base64;
use sealwright_core::Digest;

use super::Access;
use super::FaultKind;
use super::Referrers;
use super::Shared;
use super::State;
use super::http::Answer;
use super::http::Request;
use super::http::field;

/// Serves one connection to its end.
pub(super) fn serve(shared: &Shared, stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Ok(Some(request)) = Request::read(&mut reader) {
        let path = format!("{}?{}", request.path, request.query);
        let path = path.trim_end_matches('?');
        let fault = {
            let mut state = shared.state();
            state.requests.push(format!("{} {path}", request.method));
            state.fault(&request.method, path)
        };
        let mut most = usize::MAX;
        let answer = match fault {
            Some(FaultKind::Answer {
                status,
                headers,
                body,
            }) => Answer {
                body,
                headers,
                status,
            },
            Some(FaultKind::Hang) => {
                let state = shared.state();
                let _state = shared.ended.wait_while(state, |state| !state.ended);
                return;
            }
            Some(FaultKind::Body(body)) => Answer {
                body,
                ..route(shared, &request)
            },
            Some(FaultKind::DropHeader(name)) => {
                let mut answer = route(shared, &request);
                answer.headers.retain(|(found, _)| *found != name);
                answer
            }
            Some(FaultKind::Truncate(length)) => {
                most = length;
                route(shared, &request)
            }
            None => route(shared, &request),
        };
        let written = answer.write(&mut writer, &request.method, most);
        if written.is_err() || most != usize::MAX {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn route(shared: &Shared, request: &Request) -> Answer {
    let mut state = shared.state();
    if request.path == "/token" {
        return token(shared, &mut state, request);
    }
    let Some(path) = request.path.strip_prefix("/v2/") else {
        return not_found();
    };
    for (middle, handler) in [
        ("/blobs/uploads/", upload as Handler),
        ("/blobs/", blob),
        ("/manifests/", manifest),
        ("/referrers/", referrers),
    ] {
        if let Some((repository, name)) = path.split_once(middle) {
            if let Some(refusal) = refuse(shared, &state, request, repository) {
                return refusal;
            }
            return handler(shared, &mut state, request, repository, name);
        }
    }
    not_found()
}

type Handler = fn(&Shared, &mut State, &Request, &str, &str) -> Answer;

fn refuse(shared: &Shared, state: &State, request: &Request, repository: &str) -> Option<Answer> {
    let authorization = request.header("authorization").unwrap_or_default();
    let action = match request.method.as_str() {
        "GET" | "HEAD" => "pull",
        _ => "push",
    };
    let challenge = match &shared.access {
        Access::Open => return None,
        Access::Basic(user, password) => {
            if authorization == basic(user, password) {
                return None;
            }
            r#"Basic realm="test""#.to_owned()
        }
        _ => {
            let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
            let scope = state.tokens.get(token).map_or("", String::as_str);
            let granted = scope.strip_prefix(&format!("repository:{repository}:"));
            if granted.is_some_and(|granted| granted.split(',').any(|one| one == action)) {
                return None;
            }
            format!(
                r#"Bearer realm="http://{}/token",service="test",scope="repository:{repository}:{}""#,
                shared.address,
                if action == "pull" {
                    "pull"
                } else {
                    "pull,push"
                },
            )
        }
    };
    Some(error(401, "UNAUTHORIZED").header("WWW-Authenticate", challenge))
}

fn token(shared: &Shared, state: &mut State, request: &Request) -> Answer {
    let form = String::from_utf8_lossy(&request.body);
    let get = |name| request.field(name).or_else(|| field(&form, name));
    let scope = get("scope").unwrap_or_default();
    let authorization = request.header("authorization").unwrap_or_default();
    let wrong = !authorization.is_empty();
    let scope = match &shared.access {
        Access::Token(user, password) if authorization == basic(user, password) => scope,
        Access::Token(..) if wrong => return error(401, "UNAUTHORIZED"),
        // A token for less than was asked for is no error.
        Access::Token(..) => scope.replace(",push", ""),
        Access::PrivateToken(user, password) if authorization == basic(user, password) => scope,
        Access::RefreshToken(wanted)
            if request.method == "POST"
                && get("grant_type").as_deref() == Some("refresh_token")
                && get("refresh_token").as_deref() == Some(wanted) =>
        {
            scope
        }
        _ => return error(401, "UNAUTHORIZED"),
    };
    let token = format!("TEST-ONLY-{}", state.tokens.len());
    state.tokens.insert(token.clone(), scope);
    let body = format!(r#"{{"token":"{token}","expires_in":300}}"#);
    Answer::new(200).body("application/json", body.into_bytes())
}

fn upload(
    shared: &Shared,
    state: &mut State,
    request: &Request,
    repository: &str,
    _: &str,
) -> Answer {
    match request.method.as_str() {
        "POST" => {
            if let (Some(digest), Some(from)) = (request.field("mount"), request.field("from"))
                && let Some(content) = state.blobs.get(&(from, digest.clone())).cloned()
            {
                state.blobs.insert((repository.to_owned(), digest), content);
                return Answer::new(201);
            }
            state.uploads += 1;
            let location = format!(
                "http://{}/v2/{repository}/blobs/uploads/{}?_state=x",
                shared.address, state.uploads
            );
            Answer::new(202).header("Location", location)
        }
        "PUT" => {
            let wanted = request.field("digest").unwrap_or_default();
            if Digest::sha256(&request.body).to_string() != wanted {
                return error(400, "DIGEST_INVALID");
            }
            let key = (repository.to_owned(), wanted);
            state.blobs.insert(key, request.body.clone());
            Answer::new(201)
        }
        _ => error(405, "UNSUPPORTED"),
    }
}

fn blob(_: &Shared, state: &mut State, request: &Request, repository: &str, name: &str) -> Answer {
    let key = (repository.to_owned(), name.to_owned());
    let Some(content) = state.blobs.get(&key) else {
        return error(404, "BLOB_UNKNOWN");
    };
    let range = request.header("range");
    let start = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
    match start.and_then(|start| content.get(start.parse().ok()?..)) {
        Some(rest) => {
            let start = content.len() - rest.len();
            let range = format!("bytes {start}-{}/{}", content.len() - 1, content.len());
            Answer::new(206)
                .header("Content-Range", range)
                .body("application/octet-stream", rest.to_vec())
        }
        None => Answer::new(200).body("application/octet-stream", content.clone()),
    }
}

fn manifest(
    shared: &Shared,
    state: &mut State,
    request: &Request,
    repository: &str,
    name: &str,
) -> Answer {
    if request.method == "PUT" {
        let digest = Digest::sha256(&request.body).to_string();
        let media_type = request.header("content-type").unwrap_or_default();
        state.put_manifest(repository, &digest, media_type, &request.body);
        if !name.contains(':') {
            let key = (repository.to_owned(), name.to_owned());
            state.tags.insert(key, digest.clone());
        }
        let answer = Answer::new(201).header("Docker-Content-Digest", digest);
        let subject = subject(&request.body);
        return match (shared.referrers, subject) {
            (Referrers::Api { .. }, Some(subject)) => answer.header("OCI-Subject", subject),
            _ => answer,
        };
    }
    let key = (repository.to_owned(), name.to_owned());
    if request.method == "DELETE" {
        let here = state.manifests.entry(repository.to_owned()).or_default();
        let was_there = here.remove(name).is_some() | state.tags.remove(&key).is_some();
        state
            .tags
            .retain(|(of, _), digest| of != repository || digest != name);
        return match was_there {
            true => Answer::new(202),
            false => error(404, "MANIFEST_UNKNOWN"),
        };
    }
    let digest = state.tags.get(&key).cloned().unwrap_or(key.1);
    let manifests = state.manifests.get(repository);
    match manifests.and_then(|manifests| manifests.get(&digest)) {
        Some((media_type, content)) => Answer::new(200)
            .header("Docker-Content-Digest", digest)
            .body(media_type, content.clone()),
        None => error(404, "MANIFEST_UNKNOWN"),
    }
}

fn referrers(
    shared: &Shared,
    state: &mut State,
    request: &Request,
    repository: &str,
    name: &str,
) -> Answer {
    let page = match shared.referrers {
        Referrers::None => {
            return Answer::new(404).body("text/plain", b"404 page not found\n".to_vec());
        }
        Referrers::Api { page } => page,
        Referrers::QuietApi => usize::MAX,
    };
    let Some(manifests) = state.manifests.get(repository) else {
        return error(404, "NAME_UNKNOWN");
    };
    let listed: Vec<_> = manifests
        .iter()
        .filter(|(_, (_, content))| subject(content).as_deref() == Some(name))
        .map(|(digest, (media_type, content))| {
            let artifact_type = match shared.referrers {
                Referrers::QuietApi => "application/vnd.oci.empty.v1+json".to_owned(),
                _ => member(content, "artifactType").unwrap_or_default(),
            };
            let annotations = object(content, "annotations");
            format!(
                r#"{{"mediaType":"{media_type}","size":{},"digest":"{digest}","artifactType":"{artifact_type}","annotations":{annotations}}}"#,
                content.len(),
            )
        })
        .collect();
    let start: usize = request
        .field("n")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let shown: Vec<_> = listed.iter().skip(start).take(page).cloned().collect();
    let body = format!(
        r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
        shown.join(",")
    );
    let answer = Answer::new(200).body(INDEX, body.into_bytes());
    let next = start + shown.len();
    if next < listed.len() {
        let link = format!("</v2/{repository}/referrers/{name}?n={next}>; rel=\"next\"");
        return answer.header("Link", link);
    }
    answer
}

fn subject(manifest: &[u8]) -> Option<String> {
    let subject = object(manifest, "subject");
    member(subject.as_bytes(), "digest")
}

/// The string of a member, found textually: this server reads what Sealwright wrote.
fn member(json: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(json).ok()?;
    let (_, after) = text.rsplit_once(&format!(r#""{name}":""#))?;
    after.split('"').next().map(str::to_owned)
}

/// The flat object that is a member of the document itself, `{}` when there is none.
fn object(json: &[u8], name: &str) -> String {
    let text = std::str::from_utf8(json).unwrap_or_default();
    let member = format!(r#""{name}":{{"#);
    let places = text.match_indices(&member).map(|(place, _)| place);
    let own = places.filter(|place| depth(&text[..*place]) == 1).last();
    let after = own.map(|place| &text[place + member.len()..]);
    let inner = after.and_then(|after| after.split_once('}'));
    format!("{{{}}}", inner.map_or("", |(inner, _)| inner))
}

/// How deep in objects and lists the end of a text is.
fn depth(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth
}

fn basic(user: &str, password: &str) -> String {
    let pair = format!("{user}:{password}");
    format!("Basic {}", Base64::encode(pair.as_bytes()))
}

fn not_found() -> Answer {
    error(404, "UNSUPPORTED")
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!(r#"{{"errors":[{{"code":"{code}","message":"no"}}]}}"#);
    Answer::new(status).body("application/json", body.into_bytes())
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
