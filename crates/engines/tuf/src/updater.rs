//! The client workflow as a state machine (section 5).
//!
//! ```text
//! N+1.root.json … until there is none -> timestamp.json -> snapshot -> targets -> Done
//!   look_for(target): delegated roles, in the order of the search -> Found
//! ```
//!
//! Before timestamp, snapshot and targets are fetched, their cached files are asked for: they hold
//! versions that must not be undercut, and save a transfer where they are still what is listed.

mod search;

use std::collections::VecDeque;

use sealwright_core::Timestamp;

use self::search::Progress;
use self::search::Search;
use crate::Error;
use crate::Limits;
use crate::RoleName;
use crate::TargetFile;
use crate::trusted::Newness;
use crate::trusted::OnlineKeys;
use crate::trusted::TrustedMetadata;

/// What the machine wants next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// Nothing: the metadata is up to date, and no target is looked for.
    Done,
    /// A file of the repository, to be given to [`Updater::answer`]. Read at most as many bytes as
    /// it says and one more; metadata is below the base URL of metadata.
    Fetch(Wanted),
    /// The target that was looked for. This step comes once.
    Found(Box<TargetFile>),
    /// A file of the cache, to be given to [`Updater::answer`]. What cannot be read is absent.
    Load(Wanted),
    /// Remove this file from the cache; calling [`Updater::step`] again says that it is gone.
    Remove {
        /// Its name in the cache.
        file: String,
    },
    /// Keep this file in the cache, in the place of any older one; calling [`Updater::step`] again
    /// says that it is there for good.
    Store {
        /// Its name in the cache, a single path segment.
        file: String,
        /// The bytes as they came.
        bytes: Vec<u8>,
    },
}

/// A file to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Its name in the cache, or its path below a base URL, escaped as a URL wants it where it is
    /// metadata and as the repository has it where it is a target.
    pub path: String,
    /// More bytes than this are refused.
    pub max_bytes: u64,
}

/// A file, or that there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// There is no such file. A server that denies access to what it does not have (403) means the
    /// same by it.
    Absent,
    /// What the file holds.
    Bytes(Vec<u8>),
}

/// One update of one repository. After an error of the update itself it is spent: begin another.
#[derive(Debug)]
pub struct Updater {
    trusted: TrustedMetadata,
    limits: Limits,
    state: State,
    new_roots: u64,
    online_keys: OnlineKeys,
    /// What is to be written before anything else happens.
    writes: VecDeque<Step>,
    search: Option<Search>,
}

#[derive(Clone, Debug)]
enum State {
    NextRoot,
    CachedTimestamp,
    Timestamp,
    CachedSnapshot,
    Snapshot,
    CachedTargets(Edge),
    Targets(Edge),
    UpToDate,
    Spent,
}

/// A targets role and the role that delegates to it.
#[derive(Clone, Debug)]
struct Edge {
    role: RoleName,
    delegator: RoleName,
}

impl Updater {
    /// Begins with a root that is trusted already: the cached one, or one that came with the
    /// software. `now` is the moment all expiry is judged by.
    ///
    /// # Errors
    /// When the root is not one: `tuf.malformed`, `tuf.wrong-type`, `tuf.unsupported-version`,
    /// `tuf.bad-signature-threshold`.
    pub fn new(trusted_root: &[u8], now: Timestamp) -> Result<Self, Error> {
        Ok(Self {
            trusted: TrustedMetadata::new(trusted_root, now)?,
            limits: Limits::default(),
            state: State::NextRoot,
            new_roots: 0,
            online_keys: OnlineKeys::Kept,
            writes: VecDeque::new(),
            search: None,
        })
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Looks for a target, after the update when that is still to come. [`Step::Found`] ends the
    /// search.
    pub fn look_for(&mut self, path: &str) {
        self.search = Some(Search::new(path));
    }

    /// What to do now. Until it is answered, the answer to a load or fetch is awaited.
    ///
    /// # Errors
    /// While a target is looked for: `tuf.missing-target`, `tuf.not-in-snapshot`,
    /// `tuf.bad-signature-threshold`, `tuf.too-many-delegations`. `tuf.out-of-order` after an error
    /// of the update.
    pub fn step(&mut self) -> Result<Step, Error> {
        if let Some(write) = self.writes.pop_front() {
            return Ok(write);
        }
        if matches!(self.state, State::UpToDate)
            && let Some(mut search) = self.search.take()
        {
            match search.advance(&mut self.trusted, self.limits.visited_roles)? {
                Progress::Found(target) => return Ok(Step::Found(target)),
                Progress::Needs(edge) => {
                    self.state = State::CachedTargets(edge);
                    self.search = Some(search);
                }
            }
        }
        self.wanted(&self.state)
    }

    /// Takes the answer to the load or fetch that [`Self::step`] asked for.
    ///
    /// # Errors
    /// Why the file is not taken: any code of this crate but those of targets.
    pub fn answer(&mut self, answer: Answer) -> Result<(), Error> {
        let state = std::mem::replace(&mut self.state, State::Spent);
        match self.take(&state, answer) {
            Ok(next) => {
                self.state = next;
                Ok(())
            }
            Err(error) => {
                self.search = None;
                if state.is_below_the_top() {
                    self.state = State::UpToDate;
                }
                Err(error)
            }
        }
    }

    /// Where to fetch a target from, below the base URL of targets.
    pub fn location(&self, target: &TargetFile) -> Wanted {
        Wanted {
            path: target.location(self.trusted.consistent_snapshot()),
            max_bytes: target.length(),
        }
    }

    /// The version of the root that is trusted now.
    pub fn root_version(&self) -> u64 {
        self.trusted.root_version()
    }

    /// When the root that is trusted now expires.
    pub fn root_expires(&self) -> Timestamp {
        self.trusted.root_expires()
    }

    /// What `state` waits for.
    fn wanted(&self, state: &State) -> Result<Step, Error> {
        let load = |role: &RoleName, max_bytes| {
            let path = role.file_name();
            Step::Load(Wanted { path, max_bytes })
        };
        let fetch = |path, max_bytes| Step::Fetch(Wanted { path, max_bytes });
        let limits = &self.limits;
        Ok(match state {
            State::NextRoot => {
                let version = self.trusted.root_version().saturating_add(1);
                let path = RoleName::root().versioned_file_name(version);
                fetch(path, limits.root_bytes)
            }
            State::CachedTimestamp => load(&RoleName::timestamp(), limits.timestamp_bytes),
            State::Timestamp => fetch(RoleName::timestamp().file_name(), limits.timestamp_bytes),
            // An older snapshot may be longer than the one that is listed now.
            State::CachedSnapshot => load(&RoleName::snapshot(), Limits::MAX_LISTED_BYTES),
            State::Snapshot => {
                let role = RoleName::snapshot();
                let listed = self.trusted.snapshot_meta()?;
                let max_bytes = Limits::listed(listed.length, limits.snapshot_bytes);
                fetch(self.metadata_path(&role, listed.version), max_bytes)
            }
            State::CachedTargets(edge) => {
                let listed = self.trusted.targets_meta(&edge.role)?;
                let max_bytes = Limits::listed(listed.length, limits.targets_bytes);
                load(&edge.role, max_bytes)
            }
            State::Targets(edge) => {
                let listed = self.trusted.targets_meta(&edge.role)?;
                let max_bytes = Limits::listed(listed.length, limits.targets_bytes);
                fetch(self.metadata_path(&edge.role, listed.version), max_bytes)
            }
            State::UpToDate => Step::Done,
            State::Spent => return Err(out_of_order("a step after an error", "a new update")),
        })
    }

    /// Sections 5.5.1 and 5.6.1.
    fn metadata_path(&self, role: &RoleName, version: u64) -> String {
        if self.trusted.consistent_snapshot() {
            role.versioned_file_name(version)
        } else {
            role.file_name()
        }
    }

    /// The state after `answer` came in `state`.
    fn take(&mut self, state: &State, answer: Answer) -> Result<State, Error> {
        if !self.writes.is_empty() {
            return Err(out_of_order("an answer", "a file to be written first"));
        }
        match state {
            State::NextRoot => match self.within_limit(state, answer)? {
                Answer::Bytes(bytes) => self.take_root(bytes),
                Answer::Absent => {
                    self.trusted.check_root_fresh()?;
                    Ok(match self.online_keys {
                        OnlineKeys::Kept => State::CachedTimestamp,
                        OnlineKeys::Rotated => State::Timestamp,
                    })
                }
            },
            State::CachedTimestamp => {
                if let Answer::Bytes(bytes) = answer {
                    // One that no longer verifies is as good as none.
                    let _ = self.trusted.load_timestamp(&bytes);
                }
                Ok(State::Timestamp)
            }
            State::Timestamp => {
                let bytes = self.fetched(state, answer)?;
                if self.trusted.update_timestamp(&bytes)? == Newness::New {
                    self.store(&RoleName::timestamp(), bytes);
                }
                Ok(match self.online_keys {
                    OnlineKeys::Kept => State::CachedSnapshot,
                    OnlineKeys::Rotated => State::Snapshot,
                })
            }
            State::CachedSnapshot => match answer {
                Answer::Bytes(bytes)
                    if matches!(self.trusted.load_snapshot(&bytes), Ok(Newness::Same)) =>
                {
                    self.top_level_targets()
                }
                _ => Ok(State::Snapshot),
            },
            State::Snapshot => {
                let bytes = self.fetched(state, answer)?;
                self.trusted.update_snapshot(&bytes)?;
                self.store(&RoleName::snapshot(), bytes);
                self.top_level_targets()
            }
            State::CachedTargets(edge) => match answer {
                Answer::Bytes(bytes) if self.take_targets(edge, &bytes).is_ok() => {
                    Ok(State::UpToDate)
                }
                _ => Ok(State::Targets(edge.clone())),
            },
            State::Targets(edge) => {
                let bytes = self.fetched(state, answer)?;
                self.take_targets(edge, &bytes)?;
                self.store(&edge.role, bytes);
                Ok(State::UpToDate)
            }
            State::UpToDate | State::Spent => Err(out_of_order("an answer", "another step")),
        }
    }

    fn take_root(&mut self, bytes: Vec<u8>) -> Result<State, Error> {
        if self.new_roots >= self.limits.root_rotations {
            let limit = self.limits.root_rotations;
            return Err(Error::TooManyRoots { limit });
        }
        if self.trusted.update_root(&bytes)? == OnlineKeys::Rotated {
            // From here on nothing is measured against the cached files.
            self.online_keys = OnlineKeys::Rotated;
            // Before the root is stored: else a crash in between would keep them for good.
            for role in [RoleName::timestamp(), RoleName::snapshot()] {
                let file = role.file_name();
                self.writes.push_back(Step::Remove { file });
            }
        }
        self.store(&RoleName::root(), bytes);
        self.new_roots = self.new_roots.saturating_add(1);
        Ok(State::NextRoot)
    }

    fn take_targets(&mut self, edge: &Edge, bytes: &[u8]) -> Result<(), Error> {
        self.trusted
            .update_targets(&edge.role, &edge.delegator, bytes)
    }

    /// A snapshot that does not list the top-level targets leads nowhere.
    fn top_level_targets(&self) -> Result<State, Error> {
        self.trusted.targets_meta(&RoleName::targets())?;
        Ok(State::CachedTargets(Edge::top_level()))
    }

    fn store(&mut self, role: &RoleName, bytes: Vec<u8>) {
        let file = role.file_name();
        self.writes.push_back(Step::Store { file, bytes });
    }

    /// What came for a file that must be there.
    fn fetched(&self, state: &State, answer: Answer) -> Result<Vec<u8>, Error> {
        match (self.within_limit(state, answer)?, self.wanted(state)?) {
            (Answer::Bytes(bytes), _) => Ok(bytes),
            (Answer::Absent, Step::Fetch(wanted)) => {
                let file = wanted.path;
                Err(Error::MissingMetadata { file })
            }
            _ => Err(out_of_order("an answer", "another step")),
        }
    }

    fn within_limit(&self, state: &State, answer: Answer) -> Result<Answer, Error> {
        if let (Answer::Bytes(bytes), Step::Fetch(wanted)) = (&answer, self.wanted(state)?) {
            let found = bytes.len() as u64;
            if found > wanted.max_bytes {
                return Err(Error::LengthExceeded {
                    file: wanted.path,
                    found,
                    limit: wanted.max_bytes,
                });
            }
        }
        Ok(answer)
    }
}

impl State {
    /// Whether a delegated role is awaited: its failure ends a search and leaves the update whole.
    fn is_below_the_top(&self) -> bool {
        match self {
            Self::CachedTargets(edge) | Self::Targets(edge) => edge.role != RoleName::targets(),
            _ => false,
        }
    }
}

impl Edge {
    /// The top-level targets role, which the root delegates to.
    fn top_level() -> Self {
        Self {
            role: RoleName::targets(),
            delegator: RoleName::root(),
        }
    }
}

const fn out_of_order(found: &'static str, wanted: &'static str) -> Error {
    Error::OutOfOrder { found, wanted }
}
