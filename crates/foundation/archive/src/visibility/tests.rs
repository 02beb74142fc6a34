use super::*;

/// Enters layers, the top one first, each a list of entries: `+` a file, `/` a directory, `-` a
/// whiteout, `=` an opaque whiteout. Returns the paths shown, layer after layer.
fn shown(layers: &[&[&str]]) -> Vec<String> {
    let mut state = Layers::default();
    let mut out = Vec::new();
    for layer in layers {
        for entry in *layer {
            let (kind, path) = entry.split_at(1);
            match kind {
                "-" => state.delete(path.as_bytes()),
                "=" => state.delete_below(path.as_bytes()),
                kind => {
                    let (_, visibility) = state.enter(path.as_bytes(), kind == "/");
                    if visibility == Visibility::Visible {
                        out.push(path.to_owned());
                    }
                    assert_ne!(visibility, Visibility::Again, "{path}");
                }
            }
        }
        state.next_layer();
    }
    out
}

#[test]
fn an_upper_file_replaces_a_lower_one() {
    assert_eq!(shown(&[&["+a"], &["+a", "+b"]]), ["a", "b"]);
}

#[test]
fn whiteouts_delete_from_lower_layers_only() {
    assert_eq!(shown(&[&["-d/a"], &["+d/a", "+d/b"]]), ["d/b"]);
    assert_eq!(shown(&[&["-a", "+a"], &["+a"]]), ["a"]);
    assert_eq!(shown(&[&["+a", "-a"], &["+a"]]), ["a"]);
    // Deleted in the middle, made again at the top.
    assert_eq!(
        shown(&[&["+a/x"], &["-a"], &["/a", "+a/x", "+a/y"]]),
        ["a/x"]
    );
}

#[test]
fn deleting_a_directory_deletes_all_below_it() {
    assert_eq!(shown(&[&["-d"], &["/d", "+d/e/f", "+dx"]]), ["dx"]);
}

#[test]
fn an_opaque_directory_hides_lower_contents_but_not_its_own() {
    assert_eq!(
        shown(&[&["/d", "=d", "+d/new"], &["/d", "+d/old", "+e"]]),
        ["d", "d/new", "e"]
    );
    assert_eq!(shown(&[&["=", "+a"], &["+b", "+c/d"]]), ["a"]);
}

#[test]
fn a_file_in_the_place_of_a_directory_hides_its_contents() {
    assert_eq!(shown(&[&["+d"], &["/d", "+d/a"]]), ["d"]);
    // Even when it is itself hidden by a directory made later.
    assert_eq!(
        shown(&[&["/d", "+d/a"], &["+d"], &["/d", "+d/b"]]),
        ["d", "d/a"]
    );
}

#[test]
fn a_directory_in_the_place_of_a_file_hides_it() {
    assert_eq!(shown(&[&["/d"], &["+d"]]), ["d"]);
    // Also when the directory is only implied by what stands in it.
    assert_eq!(shown(&[&["+d/a"], &["+d"]]), ["d/a"]);
}

#[test]
fn directories_of_several_layers_are_shown_once() {
    assert_eq!(
        shown(&[&["/d", "+d/a"], &["/d", "+d/b"]]),
        ["d", "d/a", "d/b"]
    );
    assert_eq!(shown(&[&["+d/a", "/d", "/d"]]), ["d/a", "d"]);
}

#[test]
fn a_path_twice_in_one_layer_is_noticed() {
    for (first, second) in [
        ((b"a", false), (b"a", false)),
        ((b"a", true), (b"a", false)),
        ((b"a", false), (b"a", true)),
    ] {
        let mut state = Layers::default();
        assert_eq!(state.enter(first.0, first.1).1, Visibility::Visible);
        assert_eq!(state.enter(second.0, second.1).1, Visibility::Again);
    }
}

#[test]
fn similar_paths_are_different() {
    assert_eq!(
        shown(&[&["-ab", "-a/b"], &["+a/bc", "+abc", "+a/b/c", "+ab/c"]]),
        ["a/bc", "abc"]
    );
}

/// The same, computed from whole trees: the layers applied one after the other, the lowest first.
fn applied(layers: &[Vec<(char, String)>]) -> Vec<String> {
    let mut tree = std::collections::BTreeSet::new();
    for layer in layers.iter().rev() {
        let below = |tree: &mut std::collections::BTreeSet<String>, path: &str| {
            let prefix = format!("{path}/");
            tree.retain(|key| !key.starts_with(&prefix));
        };
        for (kind, path) in layer {
            // An entry makes its directories, in the place of files.
            for (at, _) in path.match_indices('/') {
                tree.remove(&path[..at]);
            }
            match kind {
                '-' | '=' => {
                    below(&mut tree, path);
                    tree.remove(path);
                }
                _ => {}
            }
        }
        for (_, path) in layer.iter().filter(|(kind, _)| *kind == '+') {
            below(&mut tree, path);
            tree.insert(path.clone());
        }
    }
    tree.into_iter().collect()
}

proptest::proptest! {
    #[test]
    fn walking_down_shows_what_applying_upwards_leaves(
        layers in proptest::collection::vec(
            proptest::collection::btree_map("[ab](/[ab]){0,2}", "[-+=]", 0..6),
            1..5,
        )
    ) {
        // Within one layer no file stands below another: such a layer means nothing certain.
        let layers: Vec<Vec<(char, String)>> = layers
            .into_iter()
            .map(|layer| {
                let files: Vec<String> = layer.iter().filter(|(_, kind)| *kind == "+").map(|(path, _)| path.clone()).collect();
                layer
                    .into_iter()
                    .filter(|(path, kind)| kind != "+" || !files.iter().any(|file| path.starts_with(&format!("{file}/"))))
                    .map(|(path, kind)| (kind.chars().next().unwrap(), path))
                    .collect()
            })
            .collect();
        let owned: Vec<Vec<String>> = layers
            .iter()
            .map(|layer| layer.iter().map(|(kind, path)| format!("{kind}{path}")).collect())
            .collect();
        let borrowed: Vec<Vec<&str>> = owned.iter().map(|layer| layer.iter().map(String::as_str).collect()).collect();
        let slices: Vec<&[&str]> = borrowed.iter().map(Vec::as_slice).collect();
        let mut seen = shown(&slices);
        seen.sort();
        proptest::prop_assert_eq!(seen, applied(&layers));
    }
}
