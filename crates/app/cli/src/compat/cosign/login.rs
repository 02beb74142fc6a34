//! `cosign login`: credentials into docker's `config.json`, or to the helper it names.

use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use sealwright_core::Base64;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::error::Error;
use super::session::Session;
use super::session::write_failed;

/// Runs it.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let user = parsed.given("username");
    let password = parsed.given("password");
    let from_input = parsed.is_on("password-stdin");
    let server = match session.argument().unwrap_or("index.docker.io") {
        "docker.io" | "index.docker.io" => "https://index.docker.io/v1/",
        other => other,
    };
    session.all_read()?;
    let password = match (password, from_input) {
        (Some(_), true) => return Err(Error::said("give --password or --password-stdin")),
        (Some(password), false) => {
            session
                .warn("--password can be read by everybody on the machine: use --password-stdin");
            password.to_owned()
        }
        (None, true) => {
            let mut text = String::new();
            let input = std::io::stdin()
                .lock()
                .take(MAX_PASSWORD)
                .read_to_string(&mut text);
            input.map_err(|error| Error::said(format!("reading the password: {error}")))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        (None, false) => return Err(Error::said("username and password required")),
    };
    let Some(user) = user.filter(|_| !password.is_empty()) else {
        return Err(Error::said("username and password required"));
    };
    let directory = session
        .settings
        .docker_config()
        .ok_or_else(|| Error::said("there is no home directory for docker's config.json"))?;
    let path = directory.join("config.json");
    let mut config = read(&path)?;
    if let Some(helper) = helper(&config, server) {
        store(&helper, server, user, &password)?;
        session.say(&format!("logged in via docker-credential-{helper}"));
        return Ok(());
    }
    let auth = Base64::encode(format!("{user}:{password}").as_bytes());
    let auths = config.entry("auths").or_insert_with(|| json!({}));
    let Value::Object(auths) = auths else {
        return Err(Error::said(format!(
            "{}: auths is no object",
            path.display()
        )));
    };
    auths.insert(server.to_owned(), json!({ "auth": auth }));
    write(directory, &path, &Value::Object(config))?;
    session.say(&format!("logged in via {}", path.display()));
    Ok(())
}

fn read(path: &Path) -> Result<Map<String, Value>, Error> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(Error::said(format!("{}: {error}", path.display()))),
    };
    match serde_json::from_slice(&text) {
        Ok(Value::Object(config)) => Ok(config),
        // Whatever it is, it is somebody's: it is not written over.
        _ => Err(Error::said(format!(
            "{} is no docker configuration",
            path.display()
        ))),
    }
}

/// The credential helper for a server, if one is configured.
fn helper(config: &Map<String, Value>, server: &str) -> Option<String> {
    let own = config.get("credHelpers").and_then(|all| all.get(server));
    let name = own.or_else(|| config.get("credsStore"))?.as_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn store(helper: &str, server: &str, user: &str, password: &str) -> Result<(), Error> {
    let program = format!("docker-credential-{helper}");
    let failed = |error: std::io::Error| Error::said(format!("{program}: {error}"));
    let mut child = Command::new(&program)
        .arg("store")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let text = json!({ "ServerURL": server, "Username": user, "Secret": password }).to_string();
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(failed)?;
    }
    match child.wait().map_err(failed)?.success() {
        true => Ok(()),
        false => Err(Error::said(format!(
            "{program} did not store the credentials"
        ))),
    }
}

/// Writes the file whole or not at all, readable by its owner alone.
fn write(directory: &Path, path: &Path, config: &Value) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed = |error| write_failed(path, error);
    std::fs::create_dir_all(directory).map_err(failed)?;
    let next = directory.join(format!(".config.json.{}", std::process::id()));
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&next)
        .and_then(|mut file| {
            file.write_all(format!("{config:#}\n").as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&next, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&next);
        failed(error)
    })
}

const MAX_PASSWORD: u64 = 1 << 16;
