//! Images, wherever they are kept, and the runtime that registries need.

use std::cell::Cell;
use std::cell::OnceCell;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future;
use sealwright_core::Target;
use sealwright_oci::Descriptor;
use sealwright_oci::FoundStored;
use sealwright_oci::ImageStore;
use sealwright_oci::Layout;
use sealwright_oci::Limits;
use sealwright_oci::Manifest;
use sealwright_oci::Registry;
use sealwright_oci::RegistryOptions;
use sealwright_oci::Selection;
use tokio::runtime::Runtime;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;

/// Access to images. A runtime and a registry client exist from the first image in a registry on,
/// and not before.
pub(crate) struct Images<'a> {
    context: &'a Context<'a>,
    registry: OnceCell<Registry>,
    runtime: OnceCell<Runtime>,
}

/// An image or image index whose digest is known.
pub(crate) struct ImageSubject {
    pub(crate) store: ImageStore,
    /// How references to it begin: `host/name`, or `oci:DIR`.
    pub(crate) name: String,
    pub(crate) descriptor: Descriptor,
    pub(crate) manifest: Manifest,
    /// Its evidence, when it was read together with the manifest, until somebody takes it.
    pub(crate) fetched: Cell<Option<Result<FoundStored, sealwright_oci::Error>>>,
}

impl<'a> Images<'a> {
    pub(crate) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            registry: OnceCell::new(),
            runtime: OnceCell::new(),
        }
    }

    /// Where a target's image is kept, or would be; how references to it begin.
    pub(crate) fn open(&self, target: &Target) -> Result<(ImageStore, String), Failure> {
        match target {
            Target::Layout {
                directory,
                tag,
                digest,
            } => {
                let layout = Layout::open(directory, Limits::default())?;
                let selection = match (digest, tag) {
                    (Some(digest), _) => Selection::Digest(*digest),
                    (None, Some(tag)) => Selection::Tag(tag.clone()),
                    (None, None) => Selection::Only,
                };
                let name = format!("oci:{}", directory.display());
                Ok((ImageStore::Layout(layout, selection), name))
            }
            Target::Image(reference) => {
                let registry = self.registry.get_or_init(|| self.connect());
                let repository = registry.repository(reference);
                Ok((ImageStore::Registry(repository), reference.name()))
            }
            other => Err(Error::NoImage(other.to_string()).into()),
        }
    }

    /// Finds the image that a target names and reads its manifest.
    pub(crate) fn resolve(&self, target: &Target) -> Result<ImageSubject, Failure> {
        let (store, name) = self.open(target)?;
        let manifest = self.run(&store, store.find())?;
        Ok(ImageSubject {
            name,
            descriptor: manifest.descriptor.clone(),
            manifest,
            store,
            fetched: Cell::default(),
        })
    }

    /// The same, and reads the evidence meanwhile when the target names a digest.
    pub(crate) fn resolve_with_evidence(&self, target: &Target) -> Result<ImageSubject, Failure> {
        let digest = match target {
            Target::Image(reference) => reference.digest(),
            _ => None,
        };
        let Some(digest) = digest else {
            return self.resolve(target);
        };
        let (store, name) = self.open(target)?;
        let (manifest, stored) = self.run(&store, async {
            let (manifest, stored) =
                future::join(store.find(), store.stored_evidence(digest)).await;
            manifest.map(|manifest| (manifest, stored))
        })?;
        Ok(ImageSubject {
            name,
            descriptor: manifest.descriptor.clone(),
            manifest,
            store,
            fetched: Cell::new(Some(stored)),
        })
    }

    /// Drives a request to its end: at once for a layout, on the runtime for a registry.
    pub(crate) fn run<T, E: Into<Failure>>(
        &self,
        store: &ImageStore,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        if matches!(store, ImageStore::Layout(..)) {
            return match request.now_or_never() {
                Some(result) => result.map_err(Into::into),
                None => Err(Error::Runtime(std::io::ErrorKind::WouldBlock.into()).into()),
            };
        }
        self.drive(request).about(store.place())
    }

    /// Drives a request to its end on the runtime.
    pub(crate) fn drive<T, E: Into<Failure>>(
        &self,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let runtime = match self.runtime.get() {
            Some(runtime) => runtime,
            None => {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .map_err(Error::Runtime)?;
                self.runtime.get_or_init(|| runtime)
            }
        };
        runtime.block_on(request).map_err(Into::into)
    }

    fn connect(&self) -> Registry {
        let credentials = self.context.docker_config.iter();
        Registry::new(RegistryOptions {
            credential_files: credentials.map(|path| path.join("config.json")).collect(),
            http: sealwright_net::Options {
                timeout: self.context.timeout.min(Duration::from_secs(60)),
                transfer_timeout: self.context.timeout,
                ..sealwright_net::Options::default()
            },
            limits: Limits::default(),
            lock_directory: Some(self.context.home.join("locks")),
            spool_directory: self.context.temporary.clone(),
            transferred: self.context.progress.count().clone(),
        })
    }
}

impl ImageSubject {
    /// A reference to a manifest of the same repository or layout.
    pub(crate) fn location(&self, descriptor: &Descriptor) -> String {
        format!("{}@{}", self.name, descriptor.digest)
    }

    /// A tag of the same repository or layout.
    pub(crate) fn tagged(&self, tag: &str) -> String {
        format!("{}:{tag}", self.name)
    }

    /// The layout's directory.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match &self.store {
            ImageStore::Layout(layout, _) => Some(layout.directory()),
            ImageStore::Registry(_) => None,
        }
    }

    /// The images of an index that have a platform; none for a single image.
    pub(crate) fn children(&self) -> &[Descriptor] {
        self.manifest.children()
    }
}

/// A platform as `os/architecture[/variant]`.
pub(crate) fn platform_of(descriptor: &Descriptor) -> Option<String> {
    let platform = descriptor.platform.as_ref()?;
    let mut name = format!("{}/{}", platform.os, platform.architecture);
    if let Some(variant) = &platform.variant {
        name.push('/');
        name.push_str(variant);
    }
    Some(name)
}
