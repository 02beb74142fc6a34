//! `cosign generate-key-pair`, `import-key-pair` and `public-key`.

use std::path::Path;

use sealwright::KeyAlgorithm;
use sealwright::KeyFileType;
use sealwright::KeyFiles;
use sealwright::KeyReference;
use sealwright::Overwrite;
use sealwright::ShownKey;

use super::error::Error;
use super::session::Session;
use super::session::write_failed;
use crate::passphrase;
use crate::progress::Bar;

/// Runs `cosign generate-key-pair`.
pub(super) fn generate(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let files = files(
        parsed.text("output-key-prefix").unwrap_or("cosign"),
        Overwrite::Refused,
    );
    let keeper = parsed.given("kms").or_else(|| session.argument());
    session.all_read()?;
    let made = match keeper {
        None => sealwright::key_generate(KeyAlgorithm::default(), &files, &passphrase::Ambient)?,
        Some(text) => {
            let keeper = reference(text)?;
            let algorithm = KeyAlgorithm::default();
            sealwright::key_generate_kept(
                &context,
                algorithm,
                &keeper,
                &files,
                &passphrase::Ambient,
            )?
        }
    };
    tell(session, &made);
    Ok(())
}

/// Runs `cosign import-key-pair`.
pub(super) fn import(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let overwrite = match parsed.is_on("yes") {
        true => Overwrite::Allowed,
        false => Overwrite::Refused,
    };
    let files = files(
        parsed.text("output-key-prefix").unwrap_or("import-cosign"),
        overwrite,
    );
    let from = parsed
        .given("key")
        .ok_or_else(|| Error::said("please specify the key to import with --key"))?;
    let from = reference(from)?;
    session.all_read()?;
    let made = sealwright::key_import(&context, &from, &files, &passphrase::Ambient)?;
    tell(session, &made);
    Ok(())
}

/// Runs `cosign public-key`.
pub(super) fn public(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let context = session.context(&bar)?;
    let key = parsed
        .given("key")
        .ok_or_else(|| Error::said("a key reference is required: give --key"))?;
    let key = reference(key)?;
    let out = parsed.given("outfile");
    session.all_read()?;
    let public = sealwright::key_public(&context, &key, &passphrase::Ambient)?;
    match out {
        None => session.print(&public.pem),
        Some(path) => {
            let path = Path::new(path);
            std::fs::write(path, &public.pem).map_err(|error| write_failed(path, error))?;
            session.say(&format!("Public key written to {}", path.display()));
            Ok(())
        }
    }
}

fn reference(text: &str) -> Result<KeyReference, Error> {
    text.parse()
        .map_err(|error| Error::said(format!("reading key: {error}")))
}

fn files(prefix: &str, overwrite: Overwrite) -> KeyFiles {
    KeyFiles {
        prefix: prefix.into(),
        file_type: KeyFileType::Cosign,
        overwrite,
    }
}

fn tell(session: &Session<'_>, made: &ShownKey) {
    if let Some(path) = &made.private_file {
        session.say(&format!("Private key written to {}", path.display()));
    }
    if let Some(path) = &made.public_file {
        session.say(&format!("Public key written to {}", path.display()));
    }
}
