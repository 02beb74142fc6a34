//! Commands about the program itself: `env`, `version`, `completion`, `help`.

use serde_json::json;

use super::error::Error;
use super::help;
use super::session::Session;
use super::table::COMMANDS;
use crate::env;

/// `cosign env`.
pub(super) fn env(session: &Session<'_>) -> Result<(), Error> {
    let descriptions = session.parsed.is_on("show-descriptions");
    let secrets = session.parsed.is_on("show-sensitive-values");
    session.all_read()?;
    let mut text = String::new();
    for (name, about, secret) in VARIABLES {
        if descriptions {
            text.push_str(&format!("# {name}: {about}\n"));
        }
        let value = env::read(name).unwrap_or_default();
        let value = match *secret && !secrets && !value.is_empty() {
            true => "******".to_owned(),
            false => value,
        };
        text.push_str(&format!("{name}={value}\n"));
    }
    session.print(&text)
}

/// `cosign version`.
pub(super) fn version(session: &Session<'_>) -> Result<(), Error> {
    let json = session.parsed.is_on("json");
    session.all_read()?;
    let platform = format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH);
    let text = match json {
        true => {
            let value = json!({
                "gitVersion": GIT_VERSION,
                "gitCommit": "unknown",
                "gitTreeState": "unknown",
                "buildDate": "unknown",
                "goVersion": "none",
                "compiler": "rustc",
                "platform": platform,
            });
            format!("{value:#}\n")
        }
        false => format!(
            "cosign: the personality of Sealwright\n\nGitVersion:    {GIT_VERSION}\nGitCommit:     \
             unknown\nGitTreeState:  unknown\nBuildDate:     unknown\nGoVersion:     \
             none\nCompiler:      rustc\nPlatform:      {platform}\nSealwright:    {}\n\n",
            env!("CARGO_PKG_VERSION")
        ),
    };
    session.print(&text)
}

/// The version whose command line this is; scripts compare it.
const GIT_VERSION: &str = "v3.1.3";

/// `cosign completion`.
pub(super) fn completion(session: &Session<'_>) -> Result<(), Error> {
    let shell = session.argument().unwrap_or_default();
    let words = COMMANDS
        .iter()
        .filter(|command| command.path.len() == 1)
        .map(|command| command.name())
        .collect::<Vec<_>>()
        .join(" ");
    let script = match shell {
        "bash" => format!("complete -o default -W \"{words}\" cosign\n"),
        "zsh" => format!("#compdef cosign\n_arguments '1: :({words})' '*:file:_files'\n"),
        "fish" => format!("complete -c cosign -n __fish_use_subcommand -a \"{words}\"\n"),
        "powershell" => format!(
            "Register-ArgumentCompleter -Native -CommandName cosign -ScriptBlock {{ param($word) \
             \"{words}\".Split(' ') | Where-Object {{ $_ -like \"$word*\" }} }}\n"
        ),
        other => {
            return Err(Error::said(format!(
                "invalid argument {other:?} for \"cosign completion\""
            )));
        }
    };
    session.print(&script)
}

/// `cosign help COMMAND`.
pub(super) fn help(session: &Session<'_>) -> Result<(), Error> {
    let words: Vec<&str> = session
        .parsed
        .arguments
        .iter()
        .map(String::as_str)
        .collect();
    let known = COMMANDS.iter().find(|command| command.path == words);
    session.print(&help::of(known.map_or(&[], |command| command.path)))
}

/// The variables that cosign reads: name, what it is, whether it is a secret.
pub(super) const VARIABLES: &[(&str, &str, bool)] = &[
    (
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "what GitHub wants to see for an identity token",
        true,
    ),
    (
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "where GitHub gives identity tokens",
        false,
    ),
    (
        "BUILDKITE_AGENT_ACCESS_TOKEN",
        "what Buildkite wants to see for an identity token",
        true,
    ),
    (
        "BUILDKITE_AGENT_ENDPOINT",
        "where Buildkite gives identity tokens",
        false,
    ),
    ("BUILDKITE_AGENT_LOG_LEVEL", "not used here", false),
    (
        "BUILDKITE_JOB_ID",
        "the job an identity token is for",
        false,
    ),
    (
        env::COSIGN_DOCKER_MEDIA_TYPES,
        "refused: OCI's media types alone are written",
        false,
    ),
    (
        env::COSIGN_EXPERIMENTAL,
        "accepted, and changes nothing",
        false,
    ),
    (
        env::COSIGN_MAX_ATTACHMENT_SIZE,
        "not used here: limits are fixed",
        false,
    ),
    (
        env::COSIGN_PASSWORD,
        "the passphrase of a private key",
        true,
    ),
    (
        env::COSIGN_PKCS11_IGNORE_CERTIFICATE,
        "not used here: no certificate is read from tokens",
        false,
    ),
    (env::COSIGN_PKCS11_MODULE_PATH, "the PKCS#11 module", false),
    (env::COSIGN_PKCS11_PIN, "the PIN of a PKCS#11 token", true),
    (
        env::COSIGN_REPOSITORY,
        "refused: evidence is kept in the image's own repository",
        false,
    ),
    ("GITHUB_HOST", "not used here", false),
    ("GITHUB_TOKEN", "not used here", true),
    ("GITLAB_HOST", "not used here", false),
    ("GITLAB_TOKEN", "not used here", true),
    (
        "GOOGLE_SERVICE_ACCOUNT_NAME",
        "the account Google gives an identity token for",
        false,
    ),
    (
        env::SIGSTORE_CT_LOG_PUBLIC_KEY_FILE,
        "the key of the certificate log to trust",
        false,
    ),
    ("SIGSTORE_ID_TOKEN", "the identity token", true),
    (
        env::SIGSTORE_REKOR_PUBLIC_KEY,
        "the key of the log to trust",
        false,
    ),
    (
        env::SIGSTORE_ROOT_FILE,
        "the certificate authority to trust, root last",
        false,
    ),
    (
        env::SIGSTORE_TSA_CERTIFICATE_FILE,
        "the timestamp authority to trust, root last",
        false,
    ),
    (
        env::SOURCE_DATE_EPOCH,
        "the time written into documents",
        false,
    ),
    (
        "SPIFFE_ENDPOINT_SOCKET",
        "where SPIFFE gives identity tokens",
        false,
    ),
    (
        "TUF_MIRROR",
        "refused unless `initialize` made it known",
        false,
    ),
    (
        "TUF_ROOT",
        "where its metadata is kept; here in the data directory",
        false,
    ),
    (
        "TUF_ROOT_JSON",
        "refused unless `initialize` made it known",
        false,
    ),
];
