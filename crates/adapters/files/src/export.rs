//! Moving a data directory: one tar file out, one tar file in.
//!
//! The form is a POSIX tar file whose members stand below `sealwright-root-v1/` in sorted order,
//! without times, owners or names of users, so that the same directory gives the same bytes. The
//! last member, `sealwright-root-v1/.complete`, holds the digest of everything before it: a file
//! that was cut short, even between two members, is refused.
//!
//! WARNING: an export holds the private keys. It is as secret as the directory itself.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;

use crate::DataDirectory;
use crate::Error;
use crate::data_directory::LOCK_NAME;
use crate::private::PRIVATE_DIRECTORY;
use crate::private::PRIVATE_FILE;
use crate::write;

impl DataDirectory {
    /// Writes everything in the directory to one tar file, under the directory's lock, for which it
    /// waits at most about `wait`. `name` is what errors call the writer.
    ///
    /// WARNING: what is written holds the private keys.
    ///
    /// # Errors
    /// `files.locked`; `files.special-file` for anything but files and directories;
    /// `files.changed-while-reading`; `files.not-found`, `files.unreadable`, `files.read-failed`;
    /// `files.no-space`, `files.write-failed`.
    pub fn export(&self, writer: impl Write, name: &Path, wait: Duration) -> Result<(), Error> {
        if !self.exists()? {
            return Err(Error::NotFound {
                path: self.path().to_owned(),
            });
        }
        let _lock = self.lock(wait)?;
        let mut export = Export {
            archive: tar::Builder::new(writer),
            name,
            seal: Seal::new(),
        };
        export.directory(self.path(), Path::new(""), MAX_LEVELS)?;
        export.finish()
    }

    /// Makes the directory from what [`DataDirectory::export`] wrote. Nothing is overwritten: the
    /// directory must not exist yet, or be empty. It appears whole or not at all.
    ///
    /// # Errors
    /// `files.exists`, `files.bad-export`, `files.no-space`, `files.write-failed`, and
    /// `files.read-failed` under `name`.
    pub fn import(&self, reader: impl Read, name: &Path) -> Result<(), Error> {
        let exists = || Error::Exists {
            path: self.path().to_owned(),
        };
        if !self.is_vacant()? {
            return Err(exists());
        }
        let mut staging = Staging::create(self.path())?;
        staging.fill(reader, name)?;
        staging.sync()?;
        match fs::rename(&staging.path, self.path()) {
            Ok(()) => staging.moved = true,
            // Somebody was faster.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
                ) =>
            {
                return Err(exists());
            }
            Err(source) => return Err(Error::writing(self.path(), source)),
        }
        write::sync_directory(write::parent(self.path()))
    }
}

struct Export<'a, W: Write> {
    archive: tar::Builder<W>,
    name: &'a Path,
    seal: Seal,
}

impl<W: Write> Export<'_, W> {
    fn directory(&mut self, from: &Path, to: &Path, levels: u32) -> Result<(), Error> {
        let reading = |source| Error::reading(from, source);
        let mut entries = fs::read_dir(from)
            .map_err(reading)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(reading)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            if is_left_out(to, &name) {
                continue;
            }
            let path = entry.path();
            let inner = to.join(&name);
            let kind = entry
                .file_type()
                .map_err(|source| Error::reading(&path, source))?;
            if kind.is_dir() {
                let levels = levels.checked_sub(1).ok_or_else(|| Error::TooLarge {
                    path: path.clone(),
                    limit: u64::from(MAX_LEVELS),
                    unit: "levels",
                })?;
                self.seal.directory(&inner);
                self.append(tar::EntryType::Directory, &inner, 0, io::empty())?;
                self.directory(&path, &inner, levels)?;
            } else if kind.is_file() {
                self.file(&path, &inner)?;
            } else {
                return Err(Error::SpecialFile { path });
            }
        }
        Ok(())
    }

    fn file(&mut self, from: &Path, to: &Path) -> Result<(), Error> {
        let reading = |source| Error::reading(from, source);
        let file = File::open(from).map_err(reading)?;
        let before = file.metadata().map_err(reading)?;
        self.seal.file(to, before.len());
        let mut hashed = Hashed {
            inner: (&file).take(before.len()),
            seal: self.seal.clone(),
            count: 0,
            failed: None,
        };
        let appended = append(
            &mut self.archive,
            tar::EntryType::Regular,
            to,
            before.len(),
            &mut hashed,
        );
        let Hashed {
            seal,
            count,
            failed,
            ..
        } = hashed;
        if let Some(source) = failed {
            return Err(reading(source));
        }
        appended.map_err(|source| Error::writing(self.name, source))?;
        let after = file.metadata().map_err(reading)?;
        if count != before.len() || after.len() != before.len() || after.mtime() != before.mtime() {
            return Err(Error::ChangedWhileReading {
                path: from.to_owned(),
            });
        }
        self.seal = seal;
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        let text = self.seal.clone().text();
        let size = text.len() as u64;
        let path = Path::new(COMPLETE);
        self.append(tar::EntryType::Regular, path, size, text.as_bytes())?;
        self.archive
            .into_inner()
            .and_then(|mut writer| writer.flush())
            .map_err(|source| Error::writing(self.name, source))
    }

    fn append(
        &mut self,
        kind: tar::EntryType,
        to: &Path,
        size: u64,
        content: impl Read,
    ) -> Result<(), Error> {
        append(&mut self.archive, kind, to, size, content)
            .map_err(|source| Error::writing(self.name, source))
    }
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    kind: tar::EntryType,
    to: &Path,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(if kind.is_dir() {
        PRIVATE_DIRECTORY
    } else {
        PRIVATE_FILE
    });
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    archive.append_data(&mut header, Path::new(PREFIX).join(to), content)
}

/// The lock, and what a crashed writer left: neither is part of the state.
fn is_left_out(directory: &Path, name: &OsStr) -> bool {
    let name = name.as_bytes();
    let top = directory.as_os_str().is_empty();
    (top && (name == LOCK_NAME.as_bytes() || name == COMPLETE.as_bytes()))
        || (name.starts_with(b".") && name.ends_with(b".tmp"))
}

/// A directory under construction beside its final place; removed unless it was moved there.
struct Staging {
    path: PathBuf,
    moved: bool,
}

impl Staging {
    fn create(beside: &Path) -> Result<Self, Error> {
        let above = write::parent(beside);
        let writing = |source| Error::writing(beside, source);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_DIRECTORY)
            .create(above)
            .map_err(writing)?;
        let path = write::temporary_name(beside);
        fs::DirBuilder::new()
            .mode(PRIVATE_DIRECTORY)
            .create(&path)
            .map_err(writing)?;
        Ok(Self { path, moved: false })
    }

    fn fill(&self, reader: impl Read, name: &Path) -> Result<(), Error> {
        let reading = |source: io::Error| match source.kind() {
            // What the tar format itself forbids comes as one of these.
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Other
            | io::ErrorKind::UnexpectedEof => bad(source.to_string()),
            _ => Error::reading(name, source),
        };
        let mut archive = tar::Archive::new(reader);
        let mut seal = Seal::new();
        let mut seen = BTreeSet::new();
        let mut bytes = 0u64;
        for entry in archive.entries().map_err(reading)? {
            let mut entry = entry.map_err(reading)?;
            let inner = inner_path(&entry.path().map_err(reading)?)?;
            if !seen.insert(inner.clone()) || seen.len() > MAX_ENTRIES {
                return Err(bad(format!(
                    "{} stands in it twice, or it has more than {MAX_ENTRIES} members",
                    inner.display()
                )));
            }
            let size = entry.size();
            bytes = bytes.saturating_add(size);
            if bytes > MAX_BYTES {
                return Err(bad(format!("it has more than {MAX_BYTES} bytes")));
            }
            match entry.header().entry_type() {
                tar::EntryType::Directory => {
                    seal.directory(&inner);
                    self.directory(&inner)?;
                }
                tar::EntryType::Regular if inner == Path::new(COMPLETE) => {
                    let mut text = String::new();
                    entry
                        .take(1024)
                        .read_to_string(&mut text)
                        .map_err(reading)?;
                    if text != seal.text() {
                        return Err(bad("its content is not what was exported".to_owned()));
                    }
                    return Ok(());
                }
                tar::EntryType::Regular => {
                    seal.file(&inner, size);
                    self.file(&inner, &mut entry, &mut seal, &reading)?;
                }
                kind => {
                    return Err(bad(format!("{} is of type {kind:?}", inner.display())));
                }
            }
        }
        Err(bad(format!("it ends before {PREFIX}/{COMPLETE}")))
    }

    fn directory(&self, inner: &Path) -> Result<(), Error> {
        let path = self.path.join(inner);
        fs::DirBuilder::new()
            .mode(PRIVATE_DIRECTORY)
            .create(&path)
            .map_err(|source| placing(inner, source))
    }

    fn file(
        &self,
        inner: &Path,
        content: &mut dyn Read,
        seal: &mut Seal,
        reading: &dyn Fn(io::Error) -> Error,
    ) -> Result<(), Error> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(PRIVATE_FILE)
            .open(self.path.join(inner))
            .map_err(|source| placing(inner, source))?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = content.read(&mut buffer).map_err(reading)?;
            if count == 0 {
                return Ok(());
            }
            let bytes = buffer.get(..count).unwrap_or_default();
            seal.content(bytes);
            file.write_all(bytes)
                .map_err(|source| Error::writing(inner, source))?;
        }
    }

    /// Makes all of it durable before it is moved to where it counts.
    fn sync(&self) -> Result<(), Error> {
        let writing = |source| Error::writing(&self.path, source);
        let directory = File::open(&self.path).map_err(writing)?;
        rustix::fs::syncfs(&directory).map_err(|errno| writing(errno.into()))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.moved {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// A member whose directory is missing, or that stands where one is, is the export's fault.
fn placing(inner: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => bad(format!("{} is out of place", inner.display())),
        _ => Error::writing(inner, source),
    }
}

fn bad(reason: String) -> Error {
    Error::BadExport { reason }
}

/// The path below the prefix, of plain names only.
fn inner_path(path: &Path) -> Result<PathBuf, Error> {
    let inner = path
        .strip_prefix(PREFIX)
        .map_err(|_| bad(format!("{} is not below {PREFIX}/", path.display())))?;
    let plain = inner
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !plain || inner.as_os_str().is_empty() {
        return Err(bad(format!("{} is no plain path", path.display())));
    }
    Ok(inner.to_owned())
}

/// A running digest over members in their order: kind, path, size and content.
#[derive(Clone)]
struct Seal(Hasher);

impl Seal {
    fn new() -> Self {
        Self(Hasher::new(DigestAlgorithm::Sha256))
    }

    fn directory(&mut self, path: &Path) {
        self.member(b'D', path, 0);
    }

    fn file(&mut self, path: &Path, size: u64) {
        self.member(b'F', path, size);
    }

    fn content(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn member(&mut self, kind: u8, path: &Path, size: u64) {
        let path = path.as_os_str().as_bytes();
        self.0.update(&[kind]);
        self.0.update(&(path.len() as u64).to_be_bytes());
        self.0.update(path);
        self.0.update(&size.to_be_bytes());
    }

    fn text(self) -> String {
        format!("{}\n", self.0.finish())
    }
}

/// A reader that hashes what it gives, and keeps its own error apart from the archive's.
struct Hashed<R> {
    inner: R,
    seal: Seal,
    count: u64,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(count) => {
                self.seal.content(buffer.get(..count).unwrap_or_default());
                self.count += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}

const PREFIX: &str = "sealwright-root-v1";
const COMPLETE: &str = ".complete";
const BUFFER: usize = 64 * 1024;
const MAX_BYTES: u64 = 1 << 40;
const MAX_ENTRIES: usize = 5_000_000;
const MAX_LEVELS: u32 = 64;

#[cfg(test)]
mod tests;
