//! Where a cluster is and who we are to it: kubeconfig files (client configuration, version 1), or what a
//! pod is given.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Base64;
use sealwright_files as files;
use sealwright_net::Tls;
use sealwright_net::Url;
use serde::Deserialize;

use crate::Error;
use crate::Surroundings;
use crate::reference::KeyService;

/// All that a request to a cluster takes.
pub(super) struct Access {
    pub(super) server: Url,
    pub(super) tls: Tls,
    /// The value of the header.
    pub(super) authorization: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Kubeconfig {
    #[serde(default)]
    current_context: Option<String>,
    #[serde(default)]
    contexts: Vec<Named<Context>>,
    #[serde(default)]
    clusters: Vec<Named<Cluster>>,
    #[serde(default)]
    users: Vec<Named<User>>,
}

#[derive(Deserialize)]
struct Named<T> {
    name: String,
    #[serde(alias = "context", alias = "cluster", alias = "user")]
    value: T,
}

#[derive(Deserialize)]
struct Context {
    cluster: String,
    user: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    server: String,
    certificate_authority: Option<PathBuf>,
    certificate_authority_data: Option<String>,
    #[serde(default)]
    insecure_skip_tls_verify: bool,
    tls_server_name: Option<String>,
    proxy_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct User {
    token: Option<String>,
    // The one name in another style.
    #[serde(rename = "tokenFile")]
    token_file: Option<PathBuf>,
    client_certificate: Option<PathBuf>,
    client_certificate_data: Option<String>,
    client_key: Option<PathBuf>,
    client_key_data: Option<String>,
    exec: Option<serde::de::IgnoredAny>,
    auth_provider: Option<serde::de::IgnoredAny>,
    username: Option<serde::de::IgnoredAny>,
}

/// The kubeconfig's current context, else the cluster this process runs in.
pub(super) fn find(surroundings: &Surroundings<'_>) -> Result<Access, Error> {
    let named = surroundings.variable("KUBECONFIG");
    let paths: Vec<PathBuf> = match &named {
        Some(list) => std::env::split_paths(list)
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
        None => surroundings
            .variable("HOME")
            .map(|home| Path::new(&home).join(".kube/config"))
            .into_iter()
            .collect(),
    };
    let mut found = Vec::new();
    for path in paths {
        // Of several files, as `kubectl` does it, those that are not there are passed over.
        match files::read_limited_text(&path, MAX_FILE) {
            Ok(text) => found.push((read(&path, &text)?, path)),
            Err(files::Error::NotFound { .. }) => {}
            Err(source) => return Err(Error::File { source }),
        }
    }
    let current = found
        .iter()
        .find_map(|(config, _)| config.current_context.clone())
        .filter(|name| !name.is_empty());
    match current {
        Some(current) => of_context(&found, &current),
        None => in_cluster(surroundings),
    }
}

fn read(path: &Path, text: &str) -> Result<Kubeconfig, Error> {
    serde_saphyr::from_str(text).map_err(|_| Error::SettingInvalid {
        name: path.display().to_string().into(),
        found: "not what it should be",
        wanted: "a kubeconfig",
    })
}

fn of_context(found: &[(Kubeconfig, PathBuf)], current: &str) -> Result<Access, Error> {
    let invalid = |what: &str| Error::SettingInvalid {
        name: format!("context {current:?} of the kubeconfig").into(),
        found: "not complete",
        wanted: match what {
            "cluster" => "the name of a cluster in it",
            "user" => "the name of a user in it",
            _ => "the name of a context in it",
        },
    };
    // The first file that has a name wins.
    let context = pick(found, |config| &config.contexts, current);
    let (context, _) = context.ok_or_else(|| invalid("context"))?;
    let cluster = pick(found, |config| &config.clusters, &context.cluster);
    let (cluster, cluster_path) = cluster.ok_or_else(|| invalid("cluster"))?;
    let user = pick(found, |config| &config.users, &context.user);
    let (user, user_path) = user.ok_or_else(|| invalid("user"))?;
    let mut tls = Tls::default();
    let beside = parent(cluster_path);
    if let Some(roots) = data_or_file(
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
        beside,
    )? {
        tls = tls.with_roots(roots);
    }
    let refused = [
        (cluster.insecure_skip_tls_verify, "insecure-skip-tls-verify"),
        (cluster.tls_server_name.is_some(), "tls-server-name"),
        (cluster.proxy_url.is_some(), "proxy-url"),
    ];
    if let Some((_, name)) = refused.into_iter().find(|(is_set, _)| *is_set) {
        return Err(Error::SettingInvalid {
            name: format!("{name} in the kubeconfig").into(),
            found: "set",
            wanted: "a cluster that is reached directly and proves who it is by its name",
        });
    }
    let (authorization, identity) = identity(user, parent(user_path))?;
    if let Some(identity) = identity {
        tls = tls.with_identity(identity);
    }
    Ok(Access {
        server: server(&cluster.server)?,
        tls,
        authorization,
    })
}

/// The header and the client certificate with its key.
fn identity(user: &User, beside: &Path) -> Result<(Option<String>, Option<Vec<u8>>), Error> {
    let token = match (&user.token, &user.token_file) {
        // As `kubectl` does it: the file wins, as what is in it is renewed.
        (_, Some(path)) => Some(files::read_limited_text(&beside.join(path), MAX_FILE)?),
        (token, None) => token.clone(),
    };
    let certificate = data_or_file(
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
        beside,
    )?;
    let key = data_or_file(
        user.client_key_data.as_deref(),
        user.client_key.as_deref(),
        beside,
    )?;
    if token.is_none() && certificate.is_none() {
        let other = user.exec.is_some() || user.auth_provider.is_some() || user.username.is_some();
        return Err(Error::CredentialsMissing {
            service: KeyService::Kubernetes,
            reason: match other {
                true => {
                    "the kubeconfig's user is a program or a password; wanted a token (`kubectl \
                         create token` makes one) or a client certificate"
                        .into()
                }
                false => "the kubeconfig's user has neither token nor client certificate".into(),
            },
        });
    }
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some([certificate, b"\n".to_vec(), key].concat()),
        _ => None,
    };
    Ok((token.as_deref().map(bearer), identity))
}

/// A pod with a service account.
fn in_cluster(surroundings: &Surroundings<'_>) -> Result<Access, Error> {
    let missing = || Error::CredentialsMissing {
        service: KeyService::Kubernetes,
        reason: "there is no kubeconfig with a current context, and this is no pod".into(),
    };
    let host = surroundings.variable("KUBERNETES_SERVICE_HOST");
    let port = surroundings.variable("KUBERNETES_SERVICE_PORT");
    let (Some(host), Some(port)) = (host, port) else {
        return Err(missing());
    };
    let host = match host.contains(':') {
        true => format!("[{host}]"),
        false => host,
    };
    let account = Path::new(SERVICE_ACCOUNT);
    let token = files::read_limited_text(&account.join("token"), MAX_FILE)?;
    let roots = files::read_limited(&account.join("ca.crt"), MAX_FILE)?;
    Ok(Access {
        server: server(&format!("https://{host}:{port}"))?,
        tls: Tls::default().with_roots(roots),
        authorization: Some(bearer(&token)),
    })
}

fn pick<'a, T>(
    found: &'a [(Kubeconfig, PathBuf)],
    list: impl Fn(&'a Kubeconfig) -> &'a Vec<Named<T>>,
    name: &str,
) -> Option<(&'a T, &'a Path)> {
    found.iter().find_map(|(config, path)| {
        let entry = list(config).iter().find(|entry| entry.name == name)?;
        Some((&entry.value, path.as_path()))
    })
}

/// What stands in the file itself as Base64, or in another beside it.
fn data_or_file(
    data: Option<&str>,
    path: Option<&Path>,
    beside: &Path,
) -> Result<Option<Vec<u8>>, Error> {
    match (data.filter(|data| !data.is_empty()), path) {
        (Some(data), _) => match Base64::decode(data.trim()) {
            Ok(bytes) => Ok(Some(bytes.as_bytes().to_vec())),
            Err(_) => Err(Error::SettingInvalid {
                name: "certificate or key in the kubeconfig".into(),
                found: "no Base64",
                wanted: "Base64 of PEM",
            }),
        },
        (None, Some(path)) => Ok(Some(files::read_limited(&beside.join(path), MAX_FILE)?)),
        (None, None) => Ok(None),
    }
}

fn server(text: &str) -> Result<Url, Error> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .ok_or_else(|| Error::SettingInvalid {
            name: "server in the kubeconfig".into(),
            found: "no URL of a server",
            wanted: "such as https://10.0.0.1:6443",
        })
}

fn bearer(token: &str) -> String {
    format!("Bearer {}", token.trim())
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const MAX_FILE: u64 = 1 << 20;
