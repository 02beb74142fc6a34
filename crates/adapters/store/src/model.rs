//! A model of a file system that forgets, for tests.
//!
//! Processes ([`Process`]) share one [`Model`]. A process dies when its fuel is used up, in the middle
//! of the operation, as by `kill -9`: what was written stays. A power cut ([`Model::cut_power`]) takes
//! back any part of what was not synced: of writes, byte ranges in any order; of names, any
//! operation, the two halves of a rename apart. A sync that fails loses what it should have written,
//! though it can still be read until the power is cut.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::layer::FileLayer;

/// Files in memory, with what of them is durable.
#[derive(Clone)]
pub struct Model {
    state: Arc<Mutex<State>>,
}

/// A process that uses the files of a model.
pub struct Process {
    model: Model,
    run: Mutex<Run>,
}

/// How a process goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fate {
    /// Before which mutating operation the process dies, counted from 0.
    pub dies_at: Option<u64>,
    /// Which mutating operation fails, and goes half-way where it can.
    pub fails_at: Option<u64>,
    /// Whether the process may change anything.
    pub access: Access,
}

/// What a process may do.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Access {
    /// Read alone.
    Read,
    /// Anything.
    #[default]
    Write,
}

struct Run {
    fate: Fate,
    /// How many mutating operations there were.
    operations: u64,
    syncs: u64,
    reads: u64,
    dead: bool,
}

struct State {
    inodes: Vec<Inode>,
    locked: BTreeSet<String>,
}

#[derive(Clone)]
enum Inode {
    Directory(Versions<BTreeMap<String, usize>, NameChange>),
    File(Versions<Vec<u8>, Write>),
}

/// What a crash leaves for sure, what has been changed since, and what a reader sees.
#[derive(Clone)]
struct Versions<T, C> {
    durable: T,
    pending: Vec<C>,
    current: T,
}

#[derive(Clone)]
struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

#[derive(Clone)]
enum NameChange {
    Link(String, usize),
    Unlink(String),
}

/// Where the randomness of a power cut comes from.
#[derive(Clone, Debug)]
pub enum Luck {
    /// Everything that was not synced is lost.
    LosesAll,
    /// Nothing is lost.
    LosesNothing,
    /// Each part is lost or not, by a generator with this state.
    Random(u64),
}

impl Luck {
    pub(crate) fn keeps(&mut self) -> bool {
        match self {
            Self::LosesAll => false,
            Self::LosesNothing => true,
            Self::Random(state) => {
                // splitmix64 (Steele, Lea, Flood 2014).
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                (mixed ^ (mixed >> 31)) & 1 == 1
            }
        }
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

impl Model {
    /// An empty directory.
    pub fn new() -> Self {
        let root = Inode::Directory(Versions::new(BTreeMap::new()));
        Self {
            state: Arc::new(Mutex::new(State {
                inodes: vec![root],
                locked: BTreeSet::new(),
            })),
        }
    }

    /// A copy of the files as they are now, durable or not.
    #[must_use]
    pub fn fork(&self) -> Self {
        let inodes = self.state().inodes.clone();
        Self {
            state: Arc::new(Mutex::new(State {
                inodes,
                locked: BTreeSet::new(),
            })),
        }
    }

    /// A new process.
    pub fn process(&self, fate: Fate) -> Process {
        Process {
            model: self.clone(),
            run: Mutex::new(Run {
                fate,
                operations: 0,
                syncs: 0,
                reads: 0,
                dead: false,
            }),
        }
    }

    /// Takes back what was not synced, as luck will have it. All processes should be gone.
    pub fn cut_power(&self, luck: &mut Luck) {
        let mut state = self.state();
        for inode in &mut state.inodes {
            match inode {
                Inode::Directory(names) => names.cut(luck, |names, change, luck| {
                    if luck.keeps() {
                        change.apply(names);
                    }
                }),
                Inode::File(bytes) => bytes.cut(luck, |bytes, change, luck| {
                    change.apply_partly(bytes, luck);
                }),
            }
        }
    }

    /// Changes the durable bytes of a file, as a failing disk or a person would.
    ///
    /// # Panics
    /// When there is no such file.
    #[expect(
        clippy::expect_used,
        reason = "a test that damages nothing tests nothing"
    )]
    pub fn damage(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file = state.file(path).expect("the file to damage");
        change(&mut file.current);
        file.durable.clone_from(&file.current);
        file.pending.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").finish_non_exhaustive()
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Process {
    /// How many mutating operations there were.
    pub fn operations(&self) -> u64 {
        self.run().operations
    }

    /// How many syncs there were, of files and directories.
    pub fn syncs(&self) -> u64 {
        self.run().syncs
    }

    /// How many reads there were, listings included.
    pub fn reads(&self) -> u64 {
        self.run().reads
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading(&self) -> io::Result<()> {
        let mut run = self.run();
        run.reads += 1;
        if run.dead { Err(dead()) } else { Ok(()) }
    }

    /// Counts an operation; says how much of it is done.
    fn changing(&self) -> io::Result<Extent> {
        let mut run = self.run();
        if run.dead {
            return Err(dead());
        }
        if run.fate.access == Access::Read {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let number = run.operations;
        run.operations += 1;
        if run.fate.dies_at == Some(number) {
            run.dead = true;
            Ok(Extent::Half(dead()))
        } else if run.fate.fails_at == Some(number) {
            Ok(Extent::Half(io::ErrorKind::StorageFull.into()))
        } else {
            Ok(Extent::Whole)
        }
    }

    fn whole(&self) -> io::Result<()> {
        match self.changing()? {
            Extent::Whole => Ok(()),
            Extent::Half(error) => Err(error),
        }
    }
}

/// How much of an operation is done before its process dies or it fails.
enum Extent {
    Half(io::Error),
    Whole,
}

/// A held lock of the model.
pub struct Held {
    model: Model,
    path: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.model.state().locked.remove(&self.path);
    }
}

impl FileLayer for Process {
    type Lock = Held;

    fn read_at(&self, path: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        self.reading()?;
        let mut state = self.model.state();
        let bytes = &state.file(path)?.current;
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let end = start.saturating_add(max).min(bytes.len());
        Ok(bytes.get(start..end).unwrap_or_default().to_vec())
    }

    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let extent = self.changing()?;
        let mut state = self.model.state();
        let inode = match state.find(path) {
            Ok(inode) => inode,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = Inode::File(Versions::new(Vec::new()));
                state.create(path, file)?
            }
            Err(error) => return Err(error),
        };
        let file = state.file_of(inode)?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        match extent {
            Extent::Whole => {
                let bytes = bytes.to_vec();
                file.change(Write { offset, bytes });
                Ok(())
            }
            Extent::Half(error) => {
                let bytes = half.to_vec();
                file.change(Write { offset, bytes });
                Err(error)
            }
        }
    }

    fn sync_file(&self, path: &str) -> io::Result<()> {
        let extent = self.changing()?;
        self.run().syncs += 1;
        let mut state = self.model.state();
        let file = state.file(path)?;
        match extent {
            Extent::Whole => {
                file.sync();
                Ok(())
            }
            // As Linux does: what could not be written counts as clean from now on. It can still be
            // read, and no later sync writes it.
            Extent::Half(error) => {
                file.pending.clear();
                Err(error)
            }
        }
    }

    fn sync_directory(&self, path: &str) -> io::Result<()> {
        self.whole()?;
        self.run().syncs += 1;
        self.model.state().directory(path)?.sync();
        Ok(())
    }

    fn create_directory(&self, path: &str) -> io::Result<()> {
        self.whole()?;
        let mut state = self.model.state();
        if state.find(path).is_err() {
            state.create(path, Inode::Directory(Versions::new(BTreeMap::new())))?;
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.whole()?;
        let mut state = self.model.state();
        let inode = state.find(from)?;
        let (directory, name) = split(from);
        state
            .directory(directory)?
            .change(NameChange::Unlink(name.to_owned()));
        let (directory, name) = split(to);
        state
            .directory(directory)?
            .change(NameChange::Link(name.to_owned(), inode));
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.whole()?;
        let mut state = self.model.state();
        if state.find(path).is_ok() {
            let (directory, name) = split(path);
            state
                .directory(directory)?
                .change(NameChange::Unlink(name.to_owned()));
        }
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        self.reading()?;
        let mut state = self.model.state();
        Ok(state.directory(path)?.current.keys().cloned().collect())
    }

    fn lock(&self, path: &str) -> io::Result<Held> {
        self.try_lock(path)?
            .ok_or_else(|| io::ErrorKind::WouldBlock.into())
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Held>> {
        self.whole()?;
        let free = self.model.state().locked.insert(path.to_owned());
        Ok(free.then(|| Held {
            model: self.model.clone(),
            path: path.to_owned(),
        }))
    }
}

impl State {
    fn find(&self, path: &str) -> io::Result<usize> {
        let mut inode = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let Some(Inode::Directory(names)) = self.inodes.get(inode) else {
                return Err(io::ErrorKind::NotADirectory.into());
            };
            inode = *names.current.get(name).ok_or(io::ErrorKind::NotFound)?;
        }
        Ok(inode)
    }

    fn create(&mut self, path: &str, inode: Inode) -> io::Result<usize> {
        let (directory, name) = split(path);
        let number = self.inodes.len();
        self.directory(directory)?
            .change(NameChange::Link(name.to_owned(), number));
        self.inodes.push(inode);
        Ok(number)
    }

    fn file(&mut self, path: &str) -> io::Result<&mut Versions<Vec<u8>, Write>> {
        let inode = self.find(path)?;
        self.file_of(inode)
    }

    fn file_of(&mut self, inode: usize) -> io::Result<&mut Versions<Vec<u8>, Write>> {
        match self.inodes.get_mut(inode) {
            Some(Inode::File(file)) => Ok(file),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn directory(
        &mut self,
        path: &str,
    ) -> io::Result<&mut Versions<BTreeMap<String, usize>, NameChange>> {
        let inode = self.find(path)?;
        match self.inodes.get_mut(inode) {
            Some(Inode::Directory(directory)) => Ok(directory),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }
}

trait Apply<T> {
    fn apply(&self, to: &mut T);
}

impl<T: Clone, C: Apply<T>> Versions<T, C> {
    fn new(empty: T) -> Self {
        Self {
            durable: empty.clone(),
            pending: Vec::new(),
            current: empty,
        }
    }

    fn change(&mut self, change: C) {
        change.apply(&mut self.current);
        self.pending.push(change);
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            change.apply(&mut self.durable);
        }
    }

    fn cut(&mut self, luck: &mut Luck, apply: impl Fn(&mut T, &C, &mut Luck)) {
        for change in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &change, luck);
        }
        self.current = self.durable.clone();
    }
}

impl Apply<Vec<u8>> for Write {
    fn apply(&self, bytes: &mut Vec<u8>) {
        overwrite(bytes, self.offset, &self.bytes);
    }
}

impl Write {
    /// Some of the write's sectors. One that is not written leaves zeros where the file grew.
    fn apply_partly(&self, bytes: &mut Vec<u8>, luck: &mut Luck) {
        // Whole or not at all is as likely as in parts.
        let parts = luck.keeps();
        let whole = luck.keeps();
        for (number, sector) in self.bytes.chunks(SECTOR).enumerate() {
            if if parts { luck.keeps() } else { whole } {
                overwrite(bytes, self.offset + number * SECTOR, sector);
            }
        }
    }
}

impl Apply<BTreeMap<String, usize>> for NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Unlink(name) => {
                names.remove(name);
            }
        }
    }
}

fn overwrite(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    let end = offset + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    if let Some(place) = bytes.get_mut(offset..end) {
        place.copy_from_slice(written);
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn dead() -> io::Error {
    io::Error::other("the process is dead")
}

/// Smaller than a disk's, so that small records are torn too.
const SECTOR: usize = 48;
