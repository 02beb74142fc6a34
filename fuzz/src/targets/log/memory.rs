//! Files in memory.

use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;
use std::sync::MutexGuard;

use sealwright_store::FileLayer;

/// A file layer that loses nothing.
#[derive(Default)]
pub(super) struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    pub(super) fn put(&self, path: &str, bytes: &[u8]) {
        self.files().insert(path.to_owned(), bytes.to_vec());
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().expect("one thread")
    }
}

impl FileLayer for Memory {
    type Lock = ();

    fn read_at(&self, path: &str, offset: u64, max: usize) -> io::Result<Vec<u8>> {
        let files = self.files();
        let bytes = files.get(path).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(offset).map_or(bytes.len(), |it| it.min(bytes.len()));
        let end = start.saturating_add(max).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        if end > LARGEST {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut files = self.files();
        let file = files.entry(path.to_owned()).or_default();
        let start = offset as usize;
        file.resize(file.len().max(end as usize), 0);
        file[start..end as usize].copy_from_slice(bytes);
        Ok(())
    }

    fn sync_file(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn sync_directory(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn create_directory(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files();
        let bytes = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.files().remove(path);
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let names: Vec<String> = self
            .files()
            .keys()
            .filter_map(|name| Some(name.strip_prefix(path)?.strip_prefix('/')?.to_owned()))
            .filter(|name| !name.contains('/'))
            .collect();
        if names.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names)
    }

    fn lock(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, _: &str) -> io::Result<Option<()>> {
        Ok(Some(()))
    }
}

const LARGEST: u64 = 64 << 20;
