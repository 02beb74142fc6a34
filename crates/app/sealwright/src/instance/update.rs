//! Asking an instance's repository: `root update` and `root init`.

use std::collections::BTreeMap;
use std::path::Path;

use sealwright_core::Digest;
use sealwright_files as files;
use sealwright_net::Client;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::StatusCode;
use sealwright_net::Url;
use sealwright_sigstore::TrustRoot;
use sealwright_tuf::Limits;

use super::Instance;
use super::SIGNING_CONFIG;
use super::TRUSTED_ROOT;
use super::kept::Kept;
use super::known;
use super::settings;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::InitialRootFault;
use crate::InstanceName;
use crate::Profile;
use crate::RootOrigin;
use crate::failure::About as _;
use crate::local;
use crate::tuf::TufMode;
use crate::tuf::TufRepository;
use crate::tuf::TufSession;

/// What an update brought.
#[derive(Clone, Debug)]
pub struct RootUpdate {
    /// Whose.
    pub profile: Profile,
    /// Where it came from.
    pub origin: RootOrigin,
    /// Whether the trusted root is another one than was used before.
    pub changed: bool,
    /// Whether the repository says where to sign.
    pub has_signing_config: bool,
}

/// How an instance is made known.
#[derive(Clone, Debug)]
pub struct RootInit {
    /// The base URL of its TUF repository.
    pub mirror: String,
    /// Under which name; without one, the profile that is known anyway, and of which the URL is a
    /// copy.
    pub name: Option<InstanceName>,
    /// The root its repository is trusted by.
    pub root: Option<InitialRoot>,
}

/// A root that somebody vouches for.
#[derive(Clone, Debug)]
pub struct InitialRoot {
    /// A file, or a URL.
    pub location: String,
    /// What it must have.
    pub digest: Option<Digest>,
}

/// Brings what is kept of an instance up to date. What was kept before stays until everything that
/// is new has been verified.
///
/// # Errors
/// Any of `tuf.…`, `net.…` and `files.…`; `usage.unknown-profile`, `trust.malformed`,
/// `trust.unsupported`.
pub fn root_update(context: &Context<'_>, profile: Profile) -> Result<RootUpdate, Failure> {
    let instance = Instance::open(&context.home, profile)?;
    let home = local::directory(context)?;
    home.create()?;
    let _shared = home.lock_shared(local::PATIENCE)?;
    update(&instance, context)
}

/// Makes an instance known, or says where a known one is to be asked.
///
/// # Errors
/// As [`root_update`]; `usage.initial-root`, `tuf.hash-mismatch`.
pub fn root_init(context: &Context<'_>, init: &RootInit) -> Result<RootUpdate, Failure> {
    let home = local::directory(context)?;
    let Some(name) = init.name else {
        let profile = context.profile.unwrap_or(Profile::Public);
        if init.root.is_some() {
            return Err(Error::InitialRoot(InitialRootFault::Fixed(profile)).into());
        }
        let mut instance = Instance::open(&context.home, profile)?;
        instance.mirror.clone_from(&init.mirror);
        home.create()?;
        let _shared = home.lock_shared(local::PATIENCE)?;
        let updated = update(&instance, context)?;
        instance.store()?;
        return Ok(updated);
    };
    let profile = Profile::Custom(name);
    let anchor = match &init.root {
        Some(root) => read_root(root, context)?,
        None => return Err(Error::InitialRoot(InitialRootFault::Missing(profile)).into()),
    };
    home.create()?;
    let _shared = home.lock_shared(local::PATIENCE)?;
    let place = settings::directory(home.path(), profile).ok_or(files::Error::NoDataDirectory)?;
    // Aside, so that an instance that is known already stays as it is unless this one works.
    let aside = place.with_file_name(format!(".{profile}.{}.new", std::process::id()));
    let instance = Instance {
        profile,
        directory: Some(aside.clone()),
        mirror: init.mirror.clone(),
        anchor,
    };
    let made = update(&instance, context).and_then(|updated| {
        instance.store()?;
        files::replace_directory(&aside, &place)?;
        Ok(updated)
    });
    if made.is_err() {
        files::remove_directory(&aside)?;
    }
    made
}

fn update(instance: &Instance, context: &Context<'_>) -> Result<RootUpdate, Failure> {
    let Some(directory) = &instance.directory else {
        return Err(files::Error::NoDataDirectory.into());
    };
    files::create_private_directory(directory)?;
    let repository = TufRepository {
        directory: directory.join("metadata"),
        metadata_url: instance.mirror.clone(),
        shipped_root: Some(instance.anchor.clone()),
    };
    // Nobody else updates until it is dropped.
    let mut session = repository.open(TufMode::Online, context)?;
    let before = Kept::read(directory).ok().flatten();
    let used = known::in_use(instance);

    let mut targets = BTreeMap::new();
    let trusted_root = fetch(&mut session, TRUSTED_ROOT, instance, before.as_ref())?;
    // One that cannot be read here must not take the place of one that can.
    TrustRoot::parse(&trusted_root).about(instance.profile)?;
    let changed = used.is_none_or(|used| used.as_bytes() != trusted_root.as_slice());
    targets.insert(TRUSTED_ROOT.to_owned(), trusted_root);
    match fetch(&mut session, SIGNING_CONFIG, instance, before.as_ref()) {
        Ok(bytes) => drop(targets.insert(SIGNING_CONFIG.to_owned(), bytes)),
        Err(failure) if failure.code().as_str() == "tuf.missing-target" => {}
        Err(failure) => return Err(failure),
    }
    let has_signing_config = targets.contains_key(SIGNING_CONFIG);
    let now = context.clock.now();
    let kept = Kept::new(&instance.mirror, now, session.in_use(), targets);
    // What will be read must hold.
    kept.check(&instance.anchor, directory)?;
    kept.store(directory)?;
    Ok(RootUpdate {
        profile: instance.profile,
        origin: known::origin(&kept, instance),
        changed,
        has_signing_config,
    })
}

/// A target: the kept one while it is what the repository lists.
fn fetch(
    session: &mut TufSession,
    name: &str,
    instance: &Instance,
    before: Option<&Kept>,
) -> Result<Vec<u8>, Failure> {
    let target = session.find(name)?;
    if target.length() > MAX_TARGET {
        return Err(sealwright_tuf::Error::LengthExceeded {
            file: name.to_owned(),
            found: target.length(),
            limit: MAX_TARGET,
        }
        .into());
    }
    let kept = before.and_then(|before| before.target(name));
    if let Some(kept) = kept
        && target.verify(kept.as_bytes()).is_ok()
    {
        return Ok(kept.as_bytes().to_vec());
    }
    let base = format!("{}/targets", instance.mirror.trim_end_matches('/'));
    session.fetch(&target, &base)
}

/// The root to begin with, from where somebody said it is.
fn read_root(root: &InitialRoot, context: &Context<'_>) -> Result<Vec<u8>, Failure> {
    let limit = Limits::default().root_bytes;
    let bytes = match Url::parse(&root.location) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            if root.digest.is_none() {
                // Whoever answers there could give any root.
                return Err(
                    Error::InitialRoot(InitialRootFault::Unchecked(root.location.clone())).into(),
                );
            }
            download(url, limit, context)?
        }
        _ => files::read_limited_or_pipe(Path::new(&root.location), limit)?,
    };
    if let Some(wanted) = &root.digest {
        let found = Digest::of(wanted.algorithm(), &bytes);
        if found != *wanted {
            return Err(sealwright_tuf::Error::HashMismatch {
                file: root.location.clone(),
                found: Box::new(found),
                wanted: Box::new(*wanted),
            }
            .into());
        }
    }
    Ok(bytes)
}

fn download(url: Url, limit: u64, context: &Context<'_>) -> Result<Vec<u8>, Failure> {
    let client = Client::new(sealwright_net::Options {
        timeout: context.timeout,
        ..sealwright_net::Options::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let request = Request::new(Method::GET, url);
    let answer = runtime.block_on(client.exchange(&request, limit))?;
    if answer.status != StatusCode::OK {
        return Err(Error::RepositoryRefused {
            url: (&answer.url).into(),
            status: answer.status.as_u16(),
        }
        .into());
    }
    Ok(answer.body.to_vec())
}

/// Most bytes of a target.
const MAX_TARGET: u64 = 4 << 20;
