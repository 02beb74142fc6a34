//! Whether tracked files differ from the commit: one pass over the index.
//!
//! A file whose length and times are those the index remembers is not read. Others are hashed and
//! compared. The pass stops at the first difference.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use gix::attrs::StateRef;
use gix::bstr::BStr;
use gix::status::plumbing::index_as_worktree;
use gix::status::plumbing::index_as_worktree::Change;
use gix::status::plumbing::index_as_worktree::EntryStatus;
use gix::status::plumbing::index_as_worktree_with_renames::Entry;
use gix::status::plumbing::index_as_worktree_with_renames::VisitEntry;
use gix::worktree::stack::state::attributes::Source;

use super::WorkTree;

/// Looks, and says `Unknown` where looking fails or where a filter that is not run would decide.
pub(super) fn look(repository: &gix::Repository) -> WorkTree {
    match is_modified(repository) {
        Some(Found::Nothing) => WorkTree::Clean,
        Some(Found::Plain) => WorkTree::Modified,
        Some(Found::Filtered) | None => WorkTree::Unknown,
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Found {
    Nothing,
    /// Content of files that a filter changes on the way in: such a difference may be none.
    Filtered,
    /// A difference that is one.
    Plain,
}

fn is_modified(repository: &gix::Repository) -> Option<Found> {
    let index = repository.index_or_empty().ok()?;
    if index.entries().len() > MAX_ENTRIES {
        return None;
    }
    if is_staged(repository, &index)? {
        return Some(Found::Plain);
    }
    let stop = AtomicBool::new(false);
    let attributes = repository
        .attributes_only(&index, Source::WorktreeThenIdMapping)
        .ok()?;
    let mut first = First {
        filter: attributes.selected_attribute_matches(["filter"]),
        attributes,
        found: Found::Nothing,
        stop: &stop,
    };
    let submodules = Submodules {
        root: repository.workdir()?.to_owned(),
    };
    let options = gix::status::index_worktree::Options {
        thread_limit: Some(1),
        ..Default::default()
    };
    let done = repository.index_worktree_status(
        &index,
        None::<&BStr>,
        &mut first,
        index_as_worktree::traits::FastEq,
        submodules,
        &mut gix::progress::Discard,
        &stop,
        options,
    );
    match first.found {
        Found::Nothing => done.ok().map(|_| Found::Nothing),
        found => Some(found),
    }
}

/// Whether the index holds anything else than the commit's tree.
fn is_staged(repository: &gix::Repository, index: &gix::index::State) -> Option<bool> {
    let tree = repository.head_tree_id_or_empty().ok()?;
    // Git remembers which tree an untouched index was made from: then nothing needs to be read.
    let remembered = index
        .tree()
        .filter(|root| root.num_entries.is_some())
        .map(|root| root.id);
    if remembered.is_some_and(|remembered| remembered == tree.detach()) {
        return Some(false);
    }
    let mut staged = false;
    let looked = repository.tree_index_status(
        &tree,
        index,
        None,
        gix::status::tree_index::TrackRenames::Disabled,
        |_, _, _| {
            staged = true;
            Ok(ControlFlow::Break(()))
        },
    );
    match (staged, looked) {
        (true, _) => Some(true),
        (false, looked) => looked.ok().map(|_| false),
    }
}

/// Keeps the worst difference and ends the pass when nothing can be worse.
struct First<'a> {
    attributes: gix::AttributeStack<'a>,
    /// What the attribute `filter` is for a path.
    filter: gix::attrs::search::Outcome,
    found: Found,
    stop: &'a AtomicBool,
}

impl First<'_> {
    fn is_filtered(&mut self, path: &BStr) -> bool {
        let Ok(platform) = self.attributes.at_entry(path, None) else {
            return true;
        };
        platform.matching_attributes(&mut self.filter);
        let value = |state| matches!(state, StateRef::Set | StateRef::Value(_));
        self.filter
            .iter_selected()
            .any(|found| value(found.assignment.state))
    }
}

impl<'index> VisitEntry<'index> for First<'_> {
    type ContentChange = ();
    type SubmoduleStatus = ();

    fn visit_entry(&mut self, entry: Entry<'index, (), ()>) {
        if self.found == Found::Plain {
            return;
        }
        // Untracked files are not asked for.
        let Entry::Modification {
            status, rela_path, ..
        } = entry
        else {
            return;
        };
        let content_only = match status {
            // Only the times differ.
            EntryStatus::NeedsUpdate(_) => return,
            EntryStatus::Change(Change::Modification {
                executable_bit_changed,
                ..
            }) => !executable_bit_changed,
            _ => false,
        };
        if content_only && self.is_filtered(rela_path) {
            self.found = Found::Filtered;
        } else {
            self.found = Found::Plain;
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

/// A submodule counts as changed when another commit is checked out in it. Its files are not looked
/// at, and one that is not checked out is as it should be.
#[derive(Clone)]
struct Submodules {
    root: std::path::PathBuf,
}

impl index_as_worktree::traits::SubmoduleStatus for Submodules {
    type Output = ();

    fn status(&mut self, entry: &gix::index::Entry, path: &BStr) -> gix::Result<Option<()>> {
        let path = self.root.join(gix::path::from_bstr(path)?);
        let Ok(submodule) = gix::open_opts(path, gix::open::Options::isolated()) else {
            return Ok(None);
        };
        let commit = submodule.head_id().ok().map(|id| id.detach());
        Ok((commit != Some(entry.id)).then_some(()))
    }
}

/// Beyond this the comparison would take seconds.
const MAX_ENTRIES: usize = 500_000;
