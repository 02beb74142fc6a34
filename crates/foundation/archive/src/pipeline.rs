//! One compressed stream, inflated in a thread of its own while another one hashes and reads it.
//!
//! Inflating costs most of the time of reading a layer. It happens in a worker thread, which also
//! hashes the compressed bytes; the uncompressed bytes come over a bounded channel in buffers that
//! travel back and forth, and are hashed where they are read.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Cursor;
use std::io::Read;
use std::sync::mpsc;
use std::thread;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Hasher;
use sealwright_core::file_tree::ScanError;

use crate::compression::Compression;
use crate::compression::Decoder;
use crate::compression::read_full;
use crate::error::from_io;
use crate::error::into_io;

/// Bytes per buffer.
const BUFFER: usize = 256 * 1024;
/// Buffers on their way to the reader.
const BUFFERS: usize = 4;

/// What was learned about a stream that was read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StreamDigests {
    /// How the stream is compressed.
    pub compression: Compression,
    /// Digest of the bytes as they are stored.
    pub stored: Digest,
    /// Length of the bytes as they are stored.
    pub stored_size: u64,
    /// Digest of the uncompressed bytes.
    pub uncompressed: Digest,
    /// Length of the uncompressed bytes.
    pub uncompressed_size: u64,
}

/// Which algorithms to hash with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Algorithms {
    pub(crate) stored: DigestAlgorithm,
    pub(crate) uncompressed: DigestAlgorithm,
}

impl Default for Algorithms {
    fn default() -> Self {
        Self {
            stored: DigestAlgorithm::Sha256,
            uncompressed: DigestAlgorithm::Sha256,
        }
    }
}

/// Hashes a stream as stored and as uncompressed, whatever its compression.
///
/// # Errors
/// When reading fails, the compression is damaged, or it unpacks to more than `limit` bytes.
pub fn digest_stream(
    name: &str,
    stream: Box<dyn Read + Send + '_>,
    limit: u64,
) -> Result<StreamDigests, ScanError> {
    with_inflated(name, stream, Algorithms::default(), limit, |_| Ok(()))
        .map(|(digests, ())| digests)
}

/// Runs `body` over the uncompressed bytes, then reads to the end whatever `body` left.
pub(crate) fn with_inflated<T>(
    name: &str,
    stream: Box<dyn Read + Send + '_>,
    algorithms: Algorithms,
    limit: u64,
    body: impl FnOnce(&mut Inflated) -> Result<T, ScanError>,
) -> Result<(StreamDigests, T), ScanError> {
    let read_error = |source| from_io(name, source);
    thread::scope(|scope| {
        let (full_sender, full) = mpsc::sync_channel(BUFFERS);
        let (empty, empty_receiver) = mpsc::sync_channel(BUFFERS + 2);
        let worker = thread::Builder::new()
            .name("inflate".to_owned())
            .spawn_scoped(scope, move || {
                inflate(stream, algorithms.stored, &full_sender, &empty_receiver)
            })
            .map_err(read_error)?;
        let mut inflated = Inflated {
            full,
            empty,
            buffer: Vec::new(),
            length: 0,
            position: 0,
            hasher: Hasher::new(algorithms.uncompressed),
            total: 0,
            limit,
            name: name.to_owned(),
        };
        let value = body(&mut inflated)?;
        inflated.drain().map_err(read_error)?;
        let (uncompressed, uncompressed_size) = (inflated.hasher.finish(), inflated.total);
        drop((inflated.full, inflated.empty));
        let stored = worker
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the inflating thread ended early")))
            .map_err(read_error)?;
        let digests = StreamDigests {
            compression: stored.compression,
            stored: stored.digest,
            stored_size: stored.size,
            uncompressed,
            uncompressed_size,
        };
        Ok((digests, value))
    })
}

/// The uncompressed bytes as they arrive.
pub(crate) struct Inflated {
    full: mpsc::Receiver<io::Result<(Vec<u8>, usize)>>,
    empty: mpsc::SyncSender<Vec<u8>>,
    buffer: Vec<u8>,
    length: usize,
    position: usize,
    hasher: Hasher,
    total: u64,
    limit: u64,
    name: String,
}

impl Inflated {
    fn drain(&mut self) -> io::Result<()> {
        loop {
            let available = self.fill_buf()?.len();
            if available == 0 {
                return Ok(());
            }
            self.consume(available);
        }
    }

    fn next_buffer(&mut self) -> io::Result<()> {
        // Only fails once the worker is done and needs no more buffers.
        let _ = self.empty.try_send(std::mem::take(&mut self.buffer));
        (self.length, self.position) = (0, 0);
        let Ok(next) = self.full.recv() else {
            return Ok(());
        };
        (self.buffer, self.length) = next?;
        let filled = self.buffer.get(..self.length).unwrap_or_default();
        self.hasher.update(filled);
        self.total = self.total.saturating_add(self.length as u64);
        if self.total > self.limit {
            return Err(into_io(ScanError::Limit {
                path: self.name.clone(),
                what: "the uncompressed size",
                limit: self.limit,
            }));
        }
        Ok(())
    }
}

impl BufRead for Inflated {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.length {
            self.next_buffer()?;
        }
        Ok(self
            .buffer
            .get(self.position..self.length)
            .unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.position = self.position.saturating_add(amount).min(self.length);
    }
}

impl Read for Inflated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

struct Stored {
    compression: Compression,
    digest: Digest,
    size: u64,
}

fn inflate(
    stream: Box<dyn Read + Send + '_>,
    algorithm: DigestAlgorithm,
    full: &mpsc::SyncSender<io::Result<(Vec<u8>, usize)>>,
    empty: &mpsc::Receiver<Vec<u8>>,
) -> io::Result<Stored> {
    let mut stream = HashingReader {
        stream,
        hasher: Hasher::new(algorithm),
        size: 0,
    };
    let mut head = [0; Compression::HEAD];
    let known = read_full(&mut stream, &mut head)?;
    let head = head.get(..known).unwrap_or_default();
    let compression = Compression::detect(head);
    let source = BufReader::with_capacity(BUFFER, Cursor::new(head).chain(stream));
    let mut decoder = Decoder::new(compression, source)?;
    loop {
        let mut buffer = empty.try_recv().unwrap_or_default();
        buffer.resize(BUFFER, 0);
        let result = read_full(&mut decoder, &mut buffer);
        let ended = !matches!(&result, Ok(length) if *length == buffer.len());
        match result {
            Ok(0) => break,
            Ok(length) => {
                if full.send(Ok((buffer, length))).is_err() {
                    return Err(io::Error::other(
                        "the reader stopped with an error of its own",
                    ));
                }
            }
            Err(error) => {
                let _ = full.send(Err(error));
                break;
            }
        }
        if ended {
            break;
        }
    }
    let mut source = decoder.into_inner();
    io::copy(&mut source, &mut io::sink())?;
    let (_, stream) = source.into_inner().into_inner();
    Ok(Stored {
        compression,
        digest: stream.hasher.finish(),
        size: stream.size,
    })
}

struct HashingReader<'a> {
    stream: Box<dyn Read + Send + 'a>,
    hasher: Hasher,
    size: u64,
}

impl Read for HashingReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(into)?;
        self.hasher.update(into.get(..count).unwrap_or_default());
        self.size = self.size.saturating_add(count as u64);
        Ok(count)
    }
}
