//! One image of an index, by what it runs on.

use std::cell::Cell;

use sealwright_core::Target;

use crate::Error;
use crate::Failure;
use crate::target::ImageSubject;
use crate::target::Images;
use crate::target::platform_of;

/// Finds an image; where a platform is named, the one of an index that runs there.
pub(super) fn resolve(
    images: &Images<'_>,
    target: &Target,
    platform: Option<&str>,
) -> Result<ImageSubject, Failure> {
    let subject = images.resolve(target)?;
    let Some(wanted) = platform else {
        return Ok(subject);
    };
    let named: Vec<_> = subject
        .children()
        .iter()
        .filter(|child| !child.is_buildkit_attestation())
        .filter_map(|child| Some((platform_of(child)?, child)))
        .collect();
    let fits = |name: &str| {
        let rest = name.strip_prefix(wanted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The whole name wins over what begins with it: linux/arm/v7 for linux/arm.
    let mut fitting: Vec<_> = named.iter().filter(|(name, _)| name == wanted).collect();
    if fitting.is_empty() {
        fitting = named.iter().filter(|(name, _)| fits(name)).collect();
    }
    let [(_, child)] = fitting.as_slice() else {
        return Err(Error::NoPlatform {
            image: target.to_string(),
            wanted: wanted.to_owned(),
            found: named.into_iter().map(|(name, _)| name).collect(),
        }
        .into());
    };
    let descriptor = (*child).clone();
    let manifest = images.run(&subject.store, subject.store.manifest(&descriptor))?;
    Ok(ImageSubject {
        descriptor,
        manifest,
        fetched: Cell::default(),
        ..subject
    })
}
