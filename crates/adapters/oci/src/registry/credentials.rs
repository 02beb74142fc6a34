//! Credentials as docker keeps them: `config.json`, credential helpers and stores.

use std::path::PathBuf;
use std::time::Duration;

use docker_credential::CredentialRetrievalError;
use docker_credential::DockerCredential;

use crate::Error;

/// Finds the credentials for a registry; `None` when none are configured. Files that do not exist
/// are passed over, the first that has something for this registry counts.
///
/// # Errors
/// `registry.credentials-unusable` when a file is no JSON or a helper fails.
pub(super) async fn find(
    files: Vec<PathBuf>,
    registry: &str,
) -> Result<Option<DockerCredential>, Error> {
    let unusable = |reason: String| Error::Credentials {
        registry: registry.to_owned(),
        reason,
    };
    let server = server_name(registry).to_owned();
    let search = tokio::task::spawn_blocking(move || search(&files, &server));
    match tokio::time::timeout(HELPER_TIMEOUT, search).await {
        Ok(Ok(found)) => found.map_err(unusable),
        Ok(Err(_)) => Err(unusable("the search for them ended early".to_owned())),
        Err(_) => Err(unusable(format!(
            "the credential helper gave no answer within {} s",
            HELPER_TIMEOUT.as_secs()
        ))),
    }
}

fn search(files: &[PathBuf], server: &str) -> Result<Option<DockerCredential>, String> {
    for path in files {
        let config = match sealwright_files::read_limited(path, CONFIG_BYTES) {
            Ok(config) => config,
            Err(sealwright_files::Error::NotFound { .. }) => continue,
            Err(error) => return Err(error.to_string()),
        };
        match docker_credential::get_credential_from_reader(config.as_slice(), server) {
            Ok(DockerCredential::UsernamePassword(user, password))
                if user.is_empty() && password.is_empty() => {}
            Ok(credential) => return Ok(Some(credential)),
            Err(CredentialRetrievalError::NoCredentialConfigured) => {}
            // What every helper says when it has nothing for this registry.
            Err(CredentialRetrievalError::HelperFailure { stdout, .. })
                if stdout
                    .trim_end()
                    .ends_with("credentials not found in native keychain") => {}
            // Its output may hold secrets.
            Err(CredentialRetrievalError::HelperFailure { helper, .. }) => {
                return Err(format!("{helper} failed"));
            }
            Err(CredentialRetrievalError::ConfigReadError) => {
                return Err(format!("{} is no docker configuration", path.display()));
            }
            Err(error) => return Err(format!("{}: {error}", path.display())),
        }
    }
    Ok(None)
}

/// The name docker stores a registry's credentials under.
fn server_name(registry: &str) -> &str {
    match registry {
        "docker.io" => "https://index.docker.io/v1/",
        other => other,
    }
}

const CONFIG_BYTES: u64 = 1 << 20;
const HELPER_TIMEOUT: Duration = Duration::from_secs(30);
