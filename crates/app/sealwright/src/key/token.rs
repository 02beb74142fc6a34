//! Keys in PKCS#11 tokens: which library, whose PIN, where the helper is.

use std::path::Path;
use std::path::PathBuf;

use sealwright_kms::Error as KmsError;
use sealwright_kms::HelperPlaces;
use sealwright_kms::Pkcs11Key;
use sealwright_kms::Pkcs11Uri;

use super::Passphrase;
use super::PassphraseSource;
use super::passphrase_from_file;
use crate::Context;
use crate::Failure;

pub(super) fn open(
    context: &Context<'_>,
    uri: &Pkcs11Uri,
    passphrases: &dyn PassphraseSource,
) -> Result<Pkcs11Key, Failure> {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| (context.variable)(name));
    let module = uri.module.clone().or_else(|| first(MODULE));
    let module = module.ok_or_else(|| KmsError::SettingInvalid {
        name: "module-path of the pkcs11 URI".into(),
        found: "not there",
        wanted: "the path of the token's library there, in SEALWRIGHT_PKCS11_MODULE or in \
                 COSIGN_PKCS11_MODULE_PATH",
    })?;
    let pin = match (&uri.pin, &uri.pin_file) {
        (Some(pin), _) => Some(Passphrase::from(pin.as_bytes().to_vec())),
        (None, Some(path)) => Some(passphrase_from_file(path)?),
        (None, None) => match first(PIN) {
            Some(pin) => Some(pin.into_bytes().into()),
            None => passphrases.pin(&uri.to_string())?,
        },
    };
    let pin = pin
        .as_ref()
        .map(|pin| String::from_utf8_lossy(pin.as_bytes()));
    let program = std::env::current_exe().ok();
    let places = HelperPlaces {
        named: (context.variable)(HELPER).map(PathBuf::from),
        beside: program
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_owned),
        path: (context.variable)("PATH").map(Into::into),
    };
    let patience = context.timeout.max(super::remote::SHORTEST);
    Ok(Pkcs11Key::open(
        uri,
        &module,
        pin.as_deref(),
        &places,
        patience,
    )?)
}

/// The token's library, where the URI does not name it.
const MODULE: [&str; 2] = ["SEALWRIGHT_PKCS11_MODULE", "COSIGN_PKCS11_MODULE_PATH"];
/// The user's PIN.
const PIN: [&str; 2] = ["SEALWRIGHT_PKCS11_PIN", "COSIGN_PKCS11_PIN"];
/// The helper program.
const HELPER: &str = "SEALWRIGHT_PKCS11_HELPER";
