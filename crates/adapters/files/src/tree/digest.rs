//! The Merkle digest `sealwrightTreeV1`; docs/reference/tree-digest.md is its specification.

use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::FileType;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;

use crate::ByteCount;
use crate::Error;
use crate::hash;
use crate::tree;
use crate::tree::Budget;
use crate::tree::Expect;
use crate::tree::TreeLimits;

pub(super) fn of_tree(root: &Path, limits: TreeLimits, count: &ByteCount) -> Result<Digest, Error> {
    let directory = tree::open_root(root)?;
    let mut path = root.to_owned();
    of_directory(&directory, &mut path, &mut Budget::new(limits), count)
}

fn of_directory(
    directory: &OwnedFd,
    path: &mut PathBuf,
    budget: &mut Budget,
    count: &ByteCount,
) -> Result<Digest, Error> {
    let before = stamp(directory, path)?;
    let names = tree::names(directory, path, budget)?;
    let mut node = node(DIRECTORY);
    node.update(&(names.len() as u64).to_be_bytes());
    for name in names {
        path.push(OsStr::from_bytes(&name));
        let child = of_child(directory, &name, path, budget, count)?;
        path.pop();
        update_counted(&mut node, &name);
        node.update(child.as_bytes());
    }
    if stamp(directory, path)? != before {
        return Err(Error::ChangedWhileReading { path: path.clone() });
    }
    Ok(node.finish())
}

fn of_child(
    directory: &OwnedFd,
    name: &[u8],
    path: &mut PathBuf,
    budget: &mut Budget,
    count: &ByteCount,
) -> Result<Digest, Error> {
    let stat = tree::stat_child(directory, name, path)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => {
            let child = tree::open_child(directory, name, path, Expect::Directory)?;
            budget.descend(path)?;
            let digest = of_directory(&child, path, budget, count)?;
            budget.ascend();
            Ok(digest)
        }
        FileType::RegularFile => {
            let child = File::from(tree::open_child(directory, name, path, Expect::File)?);
            let (content, _) = hash::hash_open_file(&child, path, count)?;
            let mut node = node(if tree::is_executable(&stat) {
                EXECUTABLE
            } else {
                FILE
            });
            node.update(content.as_bytes());
            Ok(node.finish())
        }
        FileType::Symlink => {
            let target = tree::read_link(directory, name, path)?;
            let mut node = node(SYMLINK);
            update_counted(&mut node, target.to_bytes());
            Ok(node.finish())
        }
        _ => Err(Error::SpecialFile { path: path.clone() }),
    }
}

/// Moves whenever a name is added to a directory or taken from it.
fn stamp(directory: &OwnedFd, path: &Path) -> Result<impl PartialEq + use<>, Error> {
    let stat = rustix::fs::fstat(directory).map_err(|errno| Error::reading(path, errno.into()))?;
    Ok((stat.st_mtime, stat.st_mtime_nsec))
}

fn node(kind: u8) -> Hasher {
    let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
    hasher.update(DOMAIN);
    hasher.update(&[kind]);
    hasher
}

fn update_counted(node: &mut Hasher, bytes: &[u8]) {
    node.update(&(bytes.len() as u64).to_be_bytes());
    node.update(bytes);
}

const DOMAIN: &[u8] = b"sealwrightTreeV1\0";
const DIRECTORY: u8 = b'D';
const EXECUTABLE: u8 = b'X';
const FILE: u8 = b'F';
const SYMLINK: u8 = b'L';
