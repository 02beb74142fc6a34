use super::*;

#[test]
fn does_what_the_layer_promises() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::create(place.path().join("log")).unwrap();
    let kind = |error: io::Error| error.kind();
    assert_eq!(
        disk.read_at("a", 0, 9).map_err(kind),
        Err(io::ErrorKind::NotFound)
    );
    assert_eq!(disk.list("d").map_err(kind), Err(io::ErrorKind::NotFound));
    disk.write_at("a", 0, b"hello world").unwrap();
    disk.write_at("a", 6, b"there").unwrap();
    assert_eq!(disk.read_at("a", 0, 100).unwrap(), b"hello there");
    assert_eq!(disk.read_at("a", 6, 3).unwrap(), b"the");
    assert_eq!(disk.read_at("a", 11, 3).unwrap(), b"");
    assert_eq!(disk.read_at("a", 500, 3).unwrap(), b"");
    disk.write_at("gap", 3, b"x").unwrap();
    assert_eq!(disk.read_at("gap", 0, 9).unwrap(), b"\0\0\0x");
    disk.create_directory("d").unwrap();
    disk.create_directory("d").unwrap();
    disk.rename("a", "d/b").unwrap();
    assert_eq!(disk.list("d").unwrap(), ["b"]);
    disk.rename("gap", "d/b").unwrap();
    assert_eq!(disk.read_at("d/b", 3, 9).unwrap(), b"x");
    disk.sync_file("d/b").unwrap();
    disk.sync_directory("d").unwrap();
    disk.sync_directory("").unwrap();
    disk.remove("d/b").unwrap();
    disk.remove("d/b").unwrap();
    assert_eq!(disk.list("d").unwrap(), [""; 0]);
}

#[test]
fn a_lock_is_held_by_one_until_it_is_dropped() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::at(place.path()).with_lock_wait(Duration::ZERO);
    let held = disk.lock("lock").unwrap();
    assert!(disk.try_lock("lock").unwrap().is_none());
    assert_eq!(
        disk.lock("lock").unwrap_err().kind(),
        io::ErrorKind::WouldBlock
    );
    drop(held);
    drop(disk.lock("lock").unwrap());
}

#[test]
fn a_lock_that_cannot_be_had_says_what_the_system_says() {
    let disk = Disk::at("/nonexistent/place");
    let kind = |error: io::Error| error.kind();
    assert_eq!(
        disk.try_lock("lock").map_err(kind).err(),
        Some(io::ErrorKind::NotFound)
    );
    assert_eq!(
        disk.lock("lock").map_err(kind).err(),
        Some(io::ErrorKind::NotFound)
    );
}
