//! Reading manifests and blobs.

use std::fs::File;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::Write as _;

use backon::Retryable as _;
use bytes::Bytes;
use http::HeaderValue;
use http::StatusCode;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;
use sealwright_core::MediaType;
use sealwright_net::Answer;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::header;

use super::Access;
use super::Repository;
use super::SMALL_ANSWER;
use super::attach::is_passing;
use super::attach::soon;
use crate::Descriptor;
use crate::Error;
use crate::Manifest;
use crate::manifest::ACCEPTED;

impl Repository {
    /// Finds the image the reference names: by HEAD, else by GET. When the reference has a digest,
    /// the registry must agree.
    ///
    /// # Errors
    /// Any `registry.…`.
    pub async fn resolve(&self) -> Result<Descriptor, Error> {
        let name = self.name();
        let wish = self.wish(Access::Pull, "find the image");
        let request = self.manifest_request(Method::HEAD, &name)?;
        let (answer, known) = self.exchange(&wish, &request, SMALL_ANSWER).await?;
        match answer.status.as_u16() {
            200 => {
                if let Some(found) = described(&answer) {
                    self.check_wanted(&found.digest)?;
                    return Ok(found);
                }
            }
            // The error is said again with a body; and some know no HEAD.
            400 | 404 | 405 | 501 => {}
            _ => return Err(self.registry.refusal(&wish, known, &name, &answer)),
        }
        Ok(self.find().await?.descriptor)
    }

    /// Reads the manifest of the image the reference names, in one request. When the reference has
    /// a digest, the registry must agree.
    ///
    /// # Errors
    /// Any `registry.…`, `image.unsupported`.
    pub async fn find(&self) -> Result<Manifest, Error> {
        let answer = self.fetch_manifest(&self.name()).await?;
        let algorithm = match self.reference.digest() {
            Some(digest) => digest.algorithm(),
            None => sealwright_core::DigestAlgorithm::Sha256,
        };
        let digest = Digest::of(algorithm, &answer.body);
        self.check_wanted(&digest)?;
        let media_type = content_type(&answer).unwrap_or_else(|| MediaType::new(""));
        let descriptor = Descriptor::new(media_type, digest, answer.body.len() as u64);
        Manifest::read(&self.place(), descriptor, answer.body)
    }

    /// Reads a manifest and checks its digest.
    ///
    /// # Errors
    /// Any `registry.…`, `image.unsupported`.
    pub async fn manifest(&self, descriptor: &Descriptor) -> Result<Manifest, Error> {
        let name = descriptor.digest.to_string();
        let answer = self.fetch_manifest(&name).await?;
        self.check_content(descriptor, &answer.body)?;
        let place = self.place();
        let mut announced = descriptor.clone();
        if let Some(media_type) = content_type(&answer) {
            if is_telling(&announced.media_type)
                && is_telling(&media_type)
                && media_type != announced.media_type
            {
                return Err(Error::Malformed {
                    place,
                    what: format!("manifest {name}"),
                    reason: format!(
                        "it is sent as {:?}, was announced as {:?}",
                        media_type.as_str(),
                        announced.media_type.as_str()
                    ),
                });
            }
            if is_telling(&media_type) {
                announced.media_type = media_type;
            }
        }
        Manifest::read(&place, announced, answer.body)
    }

    /// Reads the manifest that a tag names; `None` when there is no such tag. What the registry says
    /// of its digest must be true.
    pub(crate) async fn tagged_manifest(&self, tag: &str) -> Result<Option<Manifest>, Error> {
        let fetch = || self.fetch_manifest(tag);
        let answer = match fetch.retry(soon()).when(is_passing).await {
            Ok(answer) => answer,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let said = answer.header("docker-content-digest");
        let said = said.and_then(|text| text.parse::<Digest>().ok());
        let digest = Digest::sha256(&answer.body);
        if let Some(said) = said
            && said.algorithm() == digest.algorithm()
        {
            self.check_digest(&said, digest)?;
        }
        let media_type = content_type(&answer).unwrap_or_else(|| MediaType::new(""));
        let descriptor = Descriptor::new(media_type, digest, answer.body.len() as u64);
        Manifest::read(&self.place(), descriptor, answer.body).map(Some)
    }

    /// Reads a blob of at most `limit` bytes and checks its digest.
    ///
    /// # Errors
    /// Any `registry.…`, `image.too-large`.
    pub async fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Bytes, Error> {
        if descriptor.size > limit {
            return Err(Error::TooMany {
                place: self.place(),
                what: "bytes in a blob that is read whole",
                limit,
            });
        }
        let wish = self.wish(Access::Pull, "read a blob");
        let url = self.url(&format!("blobs/{}", descriptor.digest))?;
        let request = Request::new(Method::GET, url);
        // A refusal may be longer than a small blob.
        let limit = descriptor.size.max(SMALL_ANSWER);
        let (answer, known) = self.exchange(&wish, &request, limit).await?;
        if answer.status != StatusCode::OK {
            let what = format!("blob {}", descriptor.digest);
            return Err(self.registry.refusal(&wish, known, &what, &answer));
        }
        self.check_content(descriptor, &answer.body)?;
        Ok(answer.body)
    }

    /// Copies a blob into a file that has no name and ends with its last handle; checks size and
    /// digest on the way. A broken connection is taken up again where it broke.
    ///
    /// # Errors
    /// Any `registry.…`, `image.spool-failed`, `image.too-large`.
    pub async fn spool(&self, descriptor: &Descriptor) -> Result<File, Error> {
        self.spool_counting(descriptor, &|bytes| self.transferred().add(bytes))
            .await
    }

    /// The same, with another count.
    pub(crate) async fn spool_counting(
        &self,
        descriptor: &Descriptor,
        count: &(dyn Fn(u64) + Sync),
    ) -> Result<File, Error> {
        if descriptor.size > self.limits().layer_bytes {
            return Err(Error::TooMany {
                place: self.place(),
                what: "bytes in a layer",
                limit: self.limits().layer_bytes,
            });
        }
        let directory = &self.registry.inner.options.spool_directory;
        let spool_failed = |source| Error::Spool {
            directory: directory.clone(),
            source,
        };
        let file = tempfile::tempfile_in(directory).map_err(spool_failed)?;
        let mut received = Received::new(file, descriptor.digest.algorithm());
        self.fetch_into(descriptor, &mut received, count, &spool_failed)
            .await?;
        Ok(received.file)
    }

    /// Copies a blob, or what is missing of it, into a file; checks size and digest of the whole.
    /// A broken connection is taken up again where it broke.
    pub(crate) async fn fetch_into(
        &self,
        descriptor: &Descriptor,
        received: &mut Received,
        count: &(dyn Fn(u64) + Sync),
        unwritable: &(dyn Fn(std::io::Error) -> Error + Sync),
    ) -> Result<(), Error> {
        let mut breaks = 0;
        let mut complete = received.length == descriptor.size && descriptor.size > 0;
        while !complete {
            let (mut download, resumed) = self.open_blob(descriptor, received.length).await?;
            if !resumed && received.length > 0 {
                received
                    .begin_again(descriptor.digest.algorithm())
                    .map_err(unwritable)?;
            }
            loop {
                match download.chunk().await {
                    Ok(Some(chunk)) => {
                        let length = received.length.saturating_add(chunk.len() as u64);
                        if length > descriptor.size {
                            return Err(self.size_mismatch(descriptor, length));
                        }
                        count(chunk.len() as u64);
                        received.add(&chunk).map_err(unwritable)?;
                    }
                    Ok(None) if received.length < descriptor.size => {
                        return Err(self.size_mismatch(descriptor, received.length));
                    }
                    Ok(None) => {
                        complete = true;
                        break;
                    }
                    Err(sealwright_net::Error::Interrupted { .. })
                        if received.length < descriptor.size
                            && breaks < self.client().options().max_retries =>
                    {
                        breaks += 1;
                        break;
                    }
                    Err(source) => {
                        let registry = self.reference.registry();
                        return Err(self.registry.transport_error(registry, source));
                    }
                }
            }
        }
        self.check_digest(&descriptor.digest, received.digest())
    }

    /// Starts reading a blob at an offset; says whether it starts there and not at the beginning.
    async fn open_blob(
        &self,
        descriptor: &Descriptor,
        offset: u64,
    ) -> Result<(sealwright_net::Download, bool), Error> {
        let wish = self.wish(Access::Pull, "read a layer");
        let url = self.url(&format!("blobs/{}", descriptor.digest))?;
        let mut request = Request::new(Method::GET, url);
        if offset > 0
            && let Ok(range) = HeaderValue::try_from(format!("bytes={offset}-"))
        {
            request = request.header(header::RANGE, range);
        }
        let (download, known) = self.download(&wish, &request).await?;
        match download.status() {
            StatusCode::OK => Ok((download, false)),
            StatusCode::PARTIAL_CONTENT if offset > 0 && starts_at(&download, offset) => {
                Ok((download, true))
            }
            _ => {
                let registry = self.reference.registry();
                let answer = download
                    .complete(SMALL_ANSWER)
                    .await
                    .map_err(|source| self.registry.transport_error(registry, source))?;
                let what = format!("blob {}", descriptor.digest);
                Err(self.registry.refusal(&wish, known, &what, &answer))
            }
        }
    }

    /// Gets a manifest by tag or digest, not checked.
    pub(super) async fn fetch_manifest(&self, name: &str) -> Result<Answer, Error> {
        let wish = self.wish(Access::Pull, "read a manifest");
        let request = self.manifest_request(Method::GET, name)?;
        let limit = self.limits().manifest_bytes;
        let (answer, known) = self.exchange(&wish, &request, limit).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer);
        }
        let what = format!("manifest {}:{name}", self.reference.repository());
        Err(self.registry.refusal(&wish, known, &what, &answer))
    }

    pub(super) fn manifest_request(&self, method: Method, name: &str) -> Result<Request, Error> {
        let url = self.url(&format!("manifests/{name}"))?;
        let accepted = HeaderValue::from_static(ACCEPTED);
        Ok(Request::new(method, url).header(header::ACCEPT, accepted))
    }

    /// The digest or tag of the reference.
    fn name(&self) -> String {
        match (self.reference.digest(), self.reference.tag()) {
            (Some(digest), _) => digest.to_string(),
            (None, tag) => tag.unwrap_or("latest").to_owned(),
        }
    }

    fn check_wanted(&self, found: &Digest) -> Result<(), Error> {
        match self.reference.digest() {
            Some(wanted) => self.check_digest(wanted, *found),
            None => Ok(()),
        }
    }

    fn check_content(&self, descriptor: &Descriptor, content: &[u8]) -> Result<(), Error> {
        let found = content.len() as u64;
        if found != descriptor.size {
            return Err(self.size_mismatch(descriptor, found));
        }
        let algorithm = descriptor.digest.algorithm();
        self.check_digest(&descriptor.digest, Digest::of(algorithm, content))
    }

    fn check_digest(&self, wanted: &Digest, found: Digest) -> Result<(), Error> {
        if found == *wanted {
            return Ok(());
        }
        Err(Error::DigestMismatch {
            place: self.place(),
            found: found.into(),
            wanted: Box::new(*wanted),
        })
    }

    fn size_mismatch(&self, descriptor: &Descriptor, found: u64) -> Error {
        Error::SizeMismatch {
            place: self.place(),
            digest: descriptor.digest.into(),
            found,
            wanted: descriptor.size,
            more: found > descriptor.size,
        }
    }
}

/// What has come of a blob so far.
pub(crate) struct Received {
    pub(crate) file: File,
    hasher: Hasher,
    length: u64,
}

impl Received {
    /// Nothing yet; the file is empty.
    pub(crate) fn new(file: File, algorithm: DigestAlgorithm) -> Self {
        Self {
            file,
            hasher: Hasher::new(algorithm),
            length: 0,
        }
    }

    /// What an earlier attempt left in a file, as far as it may be the beginning of the blob.
    pub(crate) fn resume(file: File, descriptor: &Descriptor) -> std::io::Result<Self> {
        let mut received = Self::new(file, descriptor.digest.algorithm());
        if received.file.metadata()?.len() > descriptor.size {
            received.begin_again(descriptor.digest.algorithm())?;
            return Ok(received);
        }
        let mut piece = vec![0; 256 << 10];
        loop {
            let count = received.file.read(&mut piece)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else {
                return Ok(received);
            };
            received.hasher.update(read);
            received.length += count as u64;
        }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Forgets what has come.
    pub(crate) fn begin_again(&mut self, algorithm: DigestAlgorithm) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.hasher = Hasher::new(algorithm);
        self.length = 0;
        Ok(())
    }

    /// The digest of all there is.
    pub(crate) fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    /// Takes everything that a reader gives.
    pub(crate) fn copy(
        &mut self,
        mut from: impl std::io::Read,
        count: &(dyn Fn(u64) + Sync),
        unreadable: &dyn Fn(std::io::Error) -> sealwright_files::Error,
        unwritable: &dyn Fn(std::io::Error) -> Error,
    ) -> Result<(), Error> {
        let mut piece = vec![0; 256 << 10];
        loop {
            let length = from.read(&mut piece).map_err(unreadable)?;
            let Some(read) = piece.get(..length).filter(|read| !read.is_empty()) else {
                return Ok(());
            };
            self.add(read).map_err(unwritable)?;
            count(length as u64);
        }
    }

    fn add(&mut self, chunk: &[u8]) -> std::io::Result<()> {
        self.file.write_all(chunk)?;
        self.hasher.update(chunk);
        self.length = self.length.saturating_add(chunk.len() as u64);
        Ok(())
    }
}

/// What the headers of an answer say about a manifest, when they say all of it.
fn described(answer: &Answer) -> Option<Descriptor> {
    let media_type = content_type(answer).filter(is_telling)?;
    let digest = answer.header("docker-content-digest")?.parse().ok()?;
    let size = answer.header(header::CONTENT_LENGTH)?.parse().ok()?;
    Some(Descriptor::new(media_type, digest, size))
}

/// The media type of an answer, without parameters.
fn content_type(answer: &Answer) -> Option<MediaType> {
    let text = answer.header(header::CONTENT_TYPE)?;
    let text = text.split(';').next().unwrap_or_default().trim();
    Some(MediaType::new(text))
}

/// Whether a media type tells an image from an index.
fn is_telling(media_type: &MediaType) -> bool {
    media_type.is_index() || media_type.is_manifest()
}

/// Whether an answer's `Content-Range` starts at this byte (RFC 9110, section 14.4).
fn starts_at(download: &sealwright_net::Download, offset: u64) -> bool {
    let range = download.headers().get(header::CONTENT_RANGE);
    let range = range.and_then(|value| value.to_str().ok()?.strip_prefix("bytes "));
    let start = range.and_then(|range| range.split('-').next());
    start.and_then(|start| start.trim().parse::<u64>().ok()) == Some(offset)
}
