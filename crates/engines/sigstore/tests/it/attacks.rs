//! The page that says which test tries which attack names tests that exist.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_the_page_of_attacks_names_exists() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let page = fs::read_to_string(repository.join("docs/reference/attacks.md")).unwrap();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let mut source = String::new();
        // Names in backquotes: of files, and of the tests in the last one.
        for name in tests.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                source = fs::read_to_string(repository.join(name))
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            } else {
                assert!(source.contains(&format!("fn {name}(")), "no test {name}");
                named += 1;
            }
        }
    }
    assert!(named > 60, "{named}");
}
