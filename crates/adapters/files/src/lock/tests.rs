use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn one_holder_excludes_another_until_dropped() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("lock");
    let held = LockFile::try_exclusive(&path).unwrap().unwrap();
    assert!(LockFile::try_exclusive(&path).unwrap().is_none());
    assert!(LockFile::try_shared(&path).unwrap().is_none());
    let error = LockFile::exclusive(&path, Duration::from_millis(2)).unwrap_err();
    assert_eq!(error.code().as_str(), "files.locked");
    drop(held);
    assert!(LockFile::exclusive(&path, Duration::ZERO).is_ok());
}

#[test]
fn shared_holders_stand_together_and_exclude_a_lone_one() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("lock");
    let _one = LockFile::shared(&path, Duration::ZERO).unwrap();
    let _two = LockFile::try_shared(&path).unwrap().unwrap();
    assert!(LockFile::try_exclusive(&path).unwrap().is_none());
}

#[test]
fn a_waiting_holder_gets_its_turn() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("lock");
    let held = LockFile::try_exclusive(&path).unwrap().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| LockFile::exclusive(&path, Duration::from_secs(60)));
        drop(held);
        assert!(waiting.join().unwrap().is_ok());
    });
}

#[test]
fn says_where_no_lock_can_be_made() {
    let error = LockFile::try_exclusive(Path::new("/nonexistent/lock")).unwrap_err();
    assert_eq!(error.code().as_str(), "files.write-failed");
}
