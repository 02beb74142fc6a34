use proptest::prelude::*;

use super::*;

#[test]
fn paths_are_those_of_the_specification() {
    for (level, index, width, path) in [
        (0, 0, 256, "tile/0/000"),
        (0, 5, 1, "tile/0/005.p/1"),
        (1, 1234, 256, "tile/1/x001/234"),
        (2, 1_234_067, 112, "tile/2/x001/x234/067.p/112"),
        (3, 1000, 255, "tile/3/x001/000.p/255"),
    ] {
        let tile = Tile::partial(level, index, width).unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse::<Tile>().unwrap(), tile);
    }
}

#[test]
fn refuses_other_spellings_and_impossible_tiles() {
    for path in [
        "",
        "tile/0/",
        "tile/0/5",
        "tile/0/0005",
        "tile/0/x005",
        "tile/0/x000/005",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/00/005",
        "tile/-1/005",
        "tile/8/000",
        "tile/7/001",
        "tile/0/005.p/0",
        "tile/0/005.p/256",
        "tile/0/005.p/01",
        "tile/0/005.p/+1",
        "tile/0/+05",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "/tile/0/005",
    ] {
        assert_eq!(path.parse::<Tile>(), Err(Error::Tile), "{path}");
    }
    assert_eq!(Tile::partial(0, 0, 257), Err(Error::Tile));
    assert!(Tile::full(0, u64::MAX >> 8).is_ok());
    assert_eq!(Tile::full(0, (u64::MAX >> 8) + 1), Err(Error::Tile));
}

proptest! {
    #[test]
    fn prints_what_it_parses(level in 0_u8..4, index in 0_u64..1 << 24, width in 1_u16..=256) {
        let tile = Tile::partial(level, index, width).unwrap();
        prop_assert_eq!(tile.to_string().parse::<Tile>().unwrap(), tile);
    }
}
