//! From what was named to what is sealed or verified: the digest is resolved once, here.

mod image;

use std::fs::File;
use std::io;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;

use sealwright_archive::FileAsTree;
use sealwright_archive::ReadSeek;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::FileTree;
use sealwright_core::Hasher;
use sealwright_core::Reference;
use sealwright_core::Target;
use sealwright_files as files;
use sealwright_files::ByteCount;
use sealwright_files::DirectoryTree;

pub(crate) use self::image::ImageSubject;
pub(crate) use self::image::Images;
pub(crate) use self::image::platform_of;
use crate::Context;
use crate::Failure;
use crate::file_evidence::FileEvidence;

/// Most bytes taken from standard input.
const MAX_STDIN: u64 = 1 << 40;

/// A target whose digest is known.
pub(crate) enum Subject {
    /// Bytes with a name or from standard input.
    Blob(Blob),
    /// An image or image index.
    Image(Box<ImageSubject>),
    /// All files below a directory.
    Tree { path: PathBuf, digest: Digest },
}

/// Bytes whose digest is known.
pub(crate) struct Blob {
    /// The file's name, without its directory; `-` for standard input.
    pub(crate) name: String,
    pub(crate) digest: Digest,
    source: Source,
}

enum Source {
    Path(PathBuf),
    Spooled(File),
}

impl Subject {
    /// Looks a target up and computes or fetches its digest.
    pub(crate) fn resolve(
        target: &Target,
        images: &Images<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Failure> {
        match target {
            Target::Directory(path) => {
                let shown = context.show(&format!("hashing {target}"), None);
                let digest = DirectoryTree::new(path).digest_counting(shown.count())?;
                let digest = Digest::from_bytes(DigestAlgorithm::TreeV1, digest.as_bytes())
                    .unwrap_or(digest);
                Ok(Self::Tree {
                    path: path.clone(),
                    digest,
                })
            }
            Target::File(path) => Blob::file(path, context).map(Self::Blob),
            Target::Stdin => Blob::stdin(context).map(Self::Blob),
            Target::Image(_) | Target::Layout { .. } => {
                images.resolve(target).map(Box::new).map(Self::Image)
            }
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        match self {
            Self::Blob(blob) => blob.digest,
            Self::Image(image) => image.descriptor.digest,
            Self::Tree { digest, .. } => *digest,
        }
    }

    /// A name for people: a file's or directory's own, an image's repository or layout.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Blob(blob) => blob.name.clone(),
            Self::Image(image) => image.name.clone(),
            Self::Tree { path, .. } => named(path)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
        }
    }

    /// Where it stands on this machine, when it does.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Blob(blob) => match &blob.source {
                Source::Path(path) => Some(path),
                Source::Spooled(_) => None,
            },
            Self::Image(image) => image.directory(),
            Self::Tree { path, .. } => Some(path),
        }
    }

    /// Where evidence lies that is kept in files; `None` for images.
    pub(crate) fn file_evidence(&self, out: Option<&Path>) -> Option<FileEvidence> {
        match self {
            Self::Blob(blob) => Some(match &blob.source {
                Source::Path(path) => FileEvidence::beside(path, out),
                Source::Spooled(_) => FileEvidence::of_digest(&blob.digest, out),
            }),
            Self::Image(_) => None,
            Self::Tree { path, .. } => Some(FileEvidence::beside(&named(path), out)),
        }
    }
}

/// A directory by its own name: `dir:.` and `dir:a/..` have it elsewhere than in the text.
fn named(path: &Path) -> PathBuf {
    match path.file_name() {
        Some(_) => path.to_owned(),
        None => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    }
}

/// A file that is not there may be an image that was not named as one.
fn missing(path: &Path, error: files::Error) -> Failure {
    let is_missing = matches!(
        error,
        files::Error::NotFound { .. } | files::Error::NotDirectory { .. }
    );
    let failure = Failure::from(error);
    let text = path.to_string_lossy();
    let Some((first, _)) = text.split_once('/').filter(|_| is_missing) else {
        return failure;
    };
    match text.parse::<Reference>() {
        Ok(image) if image.registry() == first => failure.with_help(format!(
            "{first} stands here, so this was read as a file's path; ./{text} always is one, and an \
             image is named with its tag or digest: {image}"
        )),
        Ok(image) => failure.with_help(format!(
            "an image is named with its registry: {image}; a file's path may begin with ./"
        )),
        Err(_) => failure,
    }
}

impl Blob {
    pub(crate) fn file(path: &Path, context: &Context<'_>) -> Result<Self, Failure> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let file = files::open_file(path).map_err(|error| missing(path, error))?;
        let total = file.metadata().ok().map(|found| found.len());
        let shown = context.show(&format!("hashing {name}"), total);
        let (digest, _) = files::hash_open_file(&file, path, shown.count())?;
        Ok(Self {
            name,
            digest,
            source: Source::Path(path.to_owned()),
        })
    }

    fn stdin(context: &Context<'_>) -> Result<Self, Failure> {
        let shown = context.show("reading standard input", None);
        let spooled = files::spool(
            &mut shown.count().counting(io::stdin().lock()),
            Path::new("-"),
            &context.temporary,
            MAX_STDIN,
        )?;
        Ok(Self {
            name: "-".to_owned(),
            digest: spooled.digest,
            source: Source::Spooled(spooled.file),
        })
    }

    /// The digest by any algorithm, of the bytes whose digest is known.
    pub(crate) fn digest_by(
        &self,
        algorithm: DigestAlgorithm,
        context: &Context<'_>,
    ) -> Result<Digest, Failure> {
        if algorithm == self.digest.algorithm() {
            return Ok(self.digest);
        }
        let path = Path::new(&self.name);
        let reading = |source| files::Error::Read {
            path: path.to_owned(),
            source,
        };
        let shown = context.show(&format!("hashing {}", self.name), self.length());
        let mut reader = self.open(shown.count()).map_err(reading)?;
        let mut known = Hasher::new(self.digest.algorithm());
        let mut wanted = Hasher::new(algorithm);
        let mut buffer = vec![0; 128 << 10];
        loop {
            let filled = reader.read(&mut buffer).map_err(reading)?;
            let Some(bytes) = buffer.get(..filled).filter(|bytes| !bytes.is_empty()) else {
                break;
            };
            known.update(bytes);
            wanted.update(bytes);
        }
        if known.finish() == self.digest {
            return Ok(wanted.finish());
        }
        Err(files::Error::ChangedWhileReading {
            path: path.to_owned(),
        }
        .into())
    }

    /// The bytes as a tree: an archive's members, or the one file.
    pub(crate) fn with_tree<T>(
        &self,
        context: &Context<'_>,
        use_tree: impl FnOnce(&dyn FileTree) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let shown = context.show(&format!("reading {}", self.name), self.length());
        let open = || self.open(shown.count());
        let tree = FileAsTree::new(&self.name, self.is_executable(), &open)
            .map_err(sealwright_archive::Error::from)?;
        use_tree(&tree)
    }

    fn open(&self, count: &ByteCount) -> io::Result<Box<dyn ReadSeek>> {
        let file = match &self.source {
            Source::Path(path) => files::open_file(path).map_err(io::Error::other)?,
            Source::Spooled(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(0))?;
                file
            }
        };
        Ok(Box::new(count.counting(file)))
    }

    fn length(&self) -> Option<u64> {
        let metadata = match &self.source {
            Source::Path(path) => path.metadata(),
            Source::Spooled(file) => file.metadata(),
        };
        metadata.ok().map(|found| found.len())
    }

    fn is_executable(&self) -> bool {
        use std::os::unix::fs::PermissionsExt as _;
        match &self.source {
            Source::Path(path) => path
                .metadata()
                .is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0),
            Source::Spooled(_) => false,
        }
    }

    /// All bytes, for algorithms that sign bytes and not a digest. They are the ones whose digest
    /// is known.
    pub(crate) fn bytes(&self, limit: u64) -> Result<Vec<u8>, Failure> {
        let path = Path::new(&self.name);
        let bytes = match &self.source {
            Source::Path(path) => files::read_limited(path, limit)?,
            Source::Spooled(_) => {
                let reading = |source| files::Error::Read {
                    path: path.to_owned(),
                    source,
                };
                let mut bytes = Vec::new();
                let mut reader = self
                    .open(&ByteCount::default())
                    .map_err(reading)?
                    .take(limit);
                reader.read_to_end(&mut bytes).map_err(reading)?;
                bytes
            }
        };
        if Digest::sha256(&bytes) == self.digest {
            Ok(bytes)
        } else {
            Err(files::Error::ChangedWhileReading {
                path: path.to_owned(),
            }
            .into())
        }
    }
}
