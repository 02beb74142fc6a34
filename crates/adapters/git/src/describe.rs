//! The state of the repository a path stands in.

use std::path::Path;
use std::path::PathBuf;

use gix::bstr::ByteSlice as _;
use gix::discover::upwards;
use gix::sec::Trust;
use sealwright_core::RepositoryUrl;
use sealwright_core::Timestamp;

use crate::Error;

mod changes;
mod pipes;

/// How to look at a repository.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Options {
    /// Whose repositories count.
    pub ownership: Ownership,
    /// Whether to compare the files with the commit.
    pub work_tree: WorkTreeCheck,
}

/// Whose repositories count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Ownership {
    /// Anybody's. WARNING: whoever may write to a directory above the path can put a repository
    /// there that says what they like.
    Anyone,
    /// Those of the user the process runs as, as Git itself has it.
    #[default]
    Mine,
}

/// Whether to compare the files with the commit, which costs time in proportion to their number.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WorkTreeCheck {
    /// Compare them.
    #[default]
    Compare,
    /// Leave it open.
    Skip,
}

/// What a repository says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Description {
    /// The directory its files stand in.
    pub root: Option<PathBuf>,
    /// The commit checked out: 40 or 64 lower-case hexadecimal digits.
    pub commit: String,
    /// When that commit was made, by its own word.
    pub committed_on: Option<Timestamp>,
    /// The branch checked out, or a tag of the commit when none is, fully named. Untrusted text.
    pub reference: Option<String>,
    /// The URL of the remote `origin` (or of the only remote), without credentials.
    pub repository: Option<RepositoryUrl>,
    /// Whether tracked files differ from the commit.
    pub work_tree: WorkTree,
}

/// Whether the tracked files are those of the commit. Untracked files do not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WorkTree {
    /// They are.
    Clean,
    /// At least one differs, is gone or was added.
    Modified,
    /// Nobody looked, or a configured filter decides and is not run.
    Unknown,
}

/// Describes the repository a file or directory stands in; `None` where there is none, or none with
/// a commit.
///
/// # Errors
/// `git.foreign-repository`, `git.unreadable-repository`.
pub fn describe(path: &Path, options: Options) -> Result<Option<Description>, Error> {
    let unreadable = |reason: String| Error::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let Some(mut repository) = open(path, options.ownership)? else {
        return Ok(None);
    };
    remove_filters(&mut repository).map_err(&unreadable)?;
    let head = repository.head().map_err(|error| unreadable(text(error)))?;
    if head.is_unborn() {
        return Ok(None);
    }
    let commit = repository
        .head_commit()
        .map_err(|error| unreadable(text(error)))?;
    let branch = head
        .referent_name()
        .and_then(|name| name.as_bstr().to_str().ok())
        .map(str::to_owned);
    let work_tree = match options.work_tree {
        WorkTreeCheck::Compare => changes::look(&repository),
        WorkTreeCheck::Skip => WorkTree::Unknown,
    };
    Ok(Some(Description {
        root: repository.workdir().map(Path::to_owned),
        committed_on: commit
            .time()
            .ok()
            .map(|time| Timestamp::from_seconds(time.seconds)),
        reference: branch.or_else(|| tag_of(&repository, commit.id)),
        repository: remote(&repository),
        commit: commit.id.to_string(),
        work_tree,
    }))
}

fn open(path: &Path, ownership: Ownership) -> Result<Option<gix::Repository>, Error> {
    let directory = if path.is_dir() {
        path
    } else {
        path.parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or_else(|| Path::new("."))
    };
    if let Some(path) = pipes::find(directory) {
        let reason = "it is a pipe or a device, and reading it could wait for ever".to_owned();
        return Err(Error::Unreadable { path, reason });
    }
    let search = upwards::Options {
        trust: match ownership {
            Ownership::Anyone => upwards::TrustPolicy::Assume(Trust::Full),
            Ownership::Mine => upwards::TrustPolicy::Required(Trust::Full),
        },
        dot_git_only: true,
        ..upwards::Options::default()
    };
    let isolated = || gix::open::Options::isolated().lossy_config(true);
    let by_trust = gix::sec::trust::Mapping {
        full: isolated(),
        reduced: isolated(),
    };
    match gix::ThreadSafeRepository::discover_opts(directory, search, by_trust) {
        Ok(repository) => Ok(Some(repository.to_thread_local())),
        Err(error) => {
            let found = error.error().downcast_ref::<upwards::Error>();
            match found {
                Some(upwards::Error::NoTrustedGitRepository { candidate, .. }) => {
                    Err(Error::Foreign {
                        path: candidate.clone(),
                    })
                }
                Some(_) => Ok(None),
                None => Err(Error::Unreadable {
                    path: directory.to_owned(),
                    reason: text(error),
                }),
            }
        }
    }
}

/// Takes content filters out of the configuration: they are programs, and none may be run.
fn remove_filters(repository: &mut gix::Repository) -> Result<(), String> {
    let mut config = repository.config_snapshot_mut();
    let ids: Vec<_> = config
        .sections_by_name("filter")
        .into_iter()
        .flatten()
        .map(|section| section.id())
        .collect();
    for id in ids {
        config.remove_section_by_id(id);
    }
    config.commit().map(|_| ()).map_err(text)
}

/// The remote `origin`, or the only one.
fn remote(repository: &gix::Repository) -> Option<RepositoryUrl> {
    let config = repository.config_snapshot();
    let names = repository.remote_names();
    let name = match names.iter().find(|name| **name == "origin") {
        Some(origin) => origin,
        None if names.len() == 1 => names.first()?,
        None => return None,
    };
    let url = config.string(format!("remote.{name}.url").as_str())?;
    RepositoryUrl::parse(url.to_str().ok()?).ok()
}

/// The first tag, by name, that points to a commit.
fn tag_of(repository: &gix::Repository, commit: gix::ObjectId) -> Option<String> {
    let references = repository.references().ok()?;
    let tags = references.tags().ok()?;
    tags.take(MAX_TAGS)
        .filter_map(Result::ok)
        .find_map(|mut tag| {
            let id = tag.peel_to_id().ok()?.detach();
            let name = tag.name().as_bstr().to_str().ok()?;
            (id == commit).then(|| name.to_owned())
        })
}

/// One line of whatever an error says, with its causes.
fn text(error: impl std::fmt::Display) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(": ")
}

const MAX_TAGS: usize = 10_000;

#[cfg(test)]
mod tests;
