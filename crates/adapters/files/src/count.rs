//! How far reading has come, for whoever shows it.

use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// Bytes that are done. Clones count together, from any thread; to add costs one atomic addition.
#[derive(Clone, Debug, Default)]
pub struct ByteCount(Arc<AtomicU64>);

impl ByteCount {
    /// So many more are done.
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Begins again.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// How many are done.
    pub fn done(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A reader that counts what it gives.
    pub fn counting<R>(&self, reader: R) -> Counting<R> {
        Counting {
            count: self.clone(),
            reader,
        }
    }
}

/// A reader whose bytes are counted. What is read twice counts twice.
#[derive(Debug)]
pub struct Counting<R> {
    count: ByteCount,
    reader: R,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.count.add(read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counting<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_together() {
        let count = ByteCount::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let count = count.clone();
                scope.spawn(move || {
                    let mut reader = count.counting(&[0; 1000][..]);
                    io::copy(&mut reader, &mut io::sink()).unwrap();
                });
            }
        });
        assert_eq!(count.done(), 4000);
        count.reset();
        assert_eq!(count.done(), 0);
    }
}
