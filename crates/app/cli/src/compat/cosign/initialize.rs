//! `cosign initialize`: the instance that all commands trust and sign with from then on.

use sealwright::InitialRoot;
use sealwright::Profile;
use sealwright::RootInit;

use super::error::Error;
use super::session::Session;
use crate::env;
use crate::progress::Bar;

/// Runs it.
pub(super) fn run(session: &Session<'_>) -> Result<(), Error> {
    let parsed = session.parsed;
    let bar = Bar::new(session.printer);
    let mut context = session.settings.context(parsed.timeout(), &bar);
    let mirror = parsed.text("mirror").unwrap_or_default().to_owned();
    let checksum = parsed.given("root-checksum");
    let root = parsed.given("root").map(str::to_owned);
    let Ok(Profile::Custom(named)) = NAME.parse() else {
        return Err(Error::said("the instance has no name"));
    };
    let digest = checksum
        .map(|text| match text.contains(':') {
            true => text.parse(),
            false => format!("sha256:{text}").parse(),
        })
        .transpose()
        .map_err(|error| Error::said(format!("--root-checksum: {error}")))?;
    if digest.is_some() && root.is_none() {
        return Err(Error::said("--root-checksum goes with --root"));
    }
    session.all_read()?;
    let init = RootInit {
        mirror,
        // Without a root of its own it is a copy of the public instance's.
        name: root.is_some().then_some(named),
        root: root.map(|location| InitialRoot { location, digest }),
    };
    if init.root.is_none() {
        context.profile = Some(Profile::Public);
    }
    sealwright::root_init(&context, &init)?;
    session.say(&format!("Root status: {} is trusted", init.mirror));
    Ok(())
}

/// What the instance is called that `initialize` made known.
pub(super) const NAME: &str = "cosign";

/// The profile that commands use: the instance that was initialised, if one was.
pub(super) fn profile(session: &Session<'_>) -> Result<Option<Profile>, Error> {
    let profile: Option<Profile> = NAME.parse().ok();
    let known = profile.filter(|profile| session.settings.knows_instance(*profile));
    for variable in [env::TUF_MIRROR, env::TUF_ROOT_JSON] {
        if known.is_none() && env::read(variable).is_some() {
            return Err(Error::said(format!(
                "{variable} names another instance to trust: make it known with `cosign initialize \
                 --mirror URL --root FILE`, or unset it"
            )));
        }
    }
    Ok(known)
}
