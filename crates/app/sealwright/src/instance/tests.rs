use std::path::Path;
use std::sync::Mutex;

use sealwright_core::Class;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;
use sealwright_files::ByteCount;
use sealwright_tuf::editor::TopLevelRole;
use tempfile::TempDir;

use super::*;
use crate::Failure;
use crate::Profile;
use crate::Progress;
use crate::RootOrigin;
use crate::instance_trust;
use crate::root_list;
use crate::trust::embedded;
use crate::tuf::tests::NOW;
use crate::tuf::tests::Server;
use crate::tuf::tests::with_home;

/// An instance whose trusted root is the public one's, and which says where to sign.
fn corp() -> Server {
    Server::serving(&[
        (TRUSTED_ROOT, public().as_bytes()),
        (SIGNING_CONFIG, b"{\"where\": \"to sign\"}"),
    ])
}

fn public() -> &'static str {
    embedded::json(Profile::Public).unwrap()
}

fn github() -> &'static str {
    embedded::json(Profile::Github).unwrap()
}

fn named(name: &str) -> Profile {
    name.parse().unwrap()
}

fn init_of(server: &Server, home: &TempDir) -> RootInit {
    let file = home.path().join("given.root.json");
    std::fs::write(&file, server.file("1.root.json")).unwrap();
    let Profile::Custom(name) = named("corp") else {
        panic!("no name");
    };
    RootInit {
        mirror: server.url.clone(),
        name: Some(name),
        root: Some(InitialRoot {
            location: file.to_str().unwrap().to_owned(),
            digest: None,
        }),
    }
}

fn init(server: &Server, home: &TempDir) -> Result<RootUpdate, Failure> {
    let given = init_of(server, home);
    with_home(&home.path().join("home"), NOW, |context| {
        root_init(context, &given)
    })
}

fn update_at(home: &TempDir, now: Timestamp) -> Result<RootUpdate, Failure> {
    with_home(&home.path().join("home"), now, |context| {
        root_update(context, named("corp"))
    })
}

fn trusted(home: &TempDir, profile: &str) -> Result<String, Failure> {
    with_home(&home.path().join("home"), NOW, |context| {
        let trust = instance_trust(context, named(profile))?;
        Ok(String::from_utf8(trust.trusted_root_json).unwrap())
    })
}

fn place(home: &TempDir) -> std::path::PathBuf {
    home.path().join("home/tuf/corp")
}

fn code<T>(result: Result<T, Failure>) -> &'static str {
    result.err().map_or("", |failure| failure.code().as_str())
}

#[test]
fn an_instance_is_made_known_and_used_without_its_repository() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    assert_eq!(code(trusted(&home, "corp")), "usage.unknown-profile");
    let made = init(&server, &home).unwrap();
    assert!(made.changed && made.has_signing_config);
    assert!(matches!(
        made.origin,
        RootOrigin::Tuf {
            root_version: 1,
            targets_version: 1,
            ..
        }
    ));
    server.files.lock().unwrap().clear();
    with_home(&home.path().join("home"), NOW, |context| {
        let trust = instance_trust(context, named("corp")).unwrap();
        assert_eq!(trust.trusted_root_json, public().as_bytes());
        assert_eq!(trust.signing_config.unwrap(), b"{\"where\": \"to sign\"}");
        assert_eq!(trust.origin, made.origin);
        let listed = root_list(context).unwrap();
        let names: Vec<_> = listed.iter().map(|one| one.profile.to_string()).collect();
        assert_eq!(names, ["local", "public", "github", "corp"]);
        assert_eq!(listed[3].origin.as_ref().unwrap(), &made.origin);
        assert!(listed[0].origin.is_err());
    });
    assert_eq!(code(update_at(&home, NOW)), "tuf.missing-metadata");
    assert_eq!(trusted(&home, "corp").unwrap(), public());
}

#[test]
fn what_is_newer_takes_the_place_of_what_was_kept() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    assert!(!update_at(&home, NOW).unwrap().changed);
    // The authorities of the first are gone from the second.
    let mut editor = server.edit();
    editor.set_target(TRUSTED_ROOT, github().as_bytes().to_vec(), None);
    editor.remove_target(SIGNING_CONFIG);
    editor.renew(TopLevelRole::Root);
    let before = server.file("timestamp.json");
    server.publish(editor);
    let updated = update_at(&home, NOW).unwrap();
    assert!(updated.changed && !updated.has_signing_config);
    assert_eq!(trusted(&home, "corp").unwrap(), github());
    // Whoever serves the old files again changes nothing.
    let put = |path: &str, bytes: Vec<u8>| {
        drop(server.files.lock().unwrap().insert(path.to_owned(), bytes))
    };
    put("timestamp.json", before);
    assert_eq!(code(update_at(&home, NOW)), "tuf.rollback");
    assert_eq!(trusted(&home, "corp").unwrap(), github());
}

#[test]
fn an_update_that_fails_leaves_what_was_there() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    let files = server.files.lock().unwrap().clone();
    let mut editor = server.edit();
    editor.set_target(TRUSTED_ROOT, b"{}".to_vec(), None);
    server.publish(editor);
    // Well signed, but no trusted root.
    assert_eq!(code(update_at(&home, NOW)), "trust.unsupported");
    assert_eq!(trusted(&home, "corp").unwrap(), public());
    let path = server
        .files
        .lock()
        .unwrap()
        .keys()
        .find(|path| path.ends_with(TRUSTED_ROOT) && !files.contains_key(*path))
        .unwrap()
        .clone();
    server.files.lock().unwrap().insert(path, b"[]".to_vec());
    assert_eq!(code(update_at(&home, NOW)), "tuf.hash-mismatch");
    assert_eq!(trusted(&home, "corp").unwrap(), public());
}

#[test]
fn an_instance_that_is_known_stays_unless_the_new_one_works() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    let other = corp();
    other.files.lock().unwrap().remove("timestamp.json");
    assert_eq!(code(init(&other, &home)), "tuf.missing-metadata");
    assert_eq!(trusted(&home, "corp").unwrap(), public());
    let folder = home.path().join("home/tuf");
    assert_eq!(
        sealwright_files::directory_names(&folder).unwrap(),
        ["corp"]
    );

    let other = Server::serving(&[(TRUSTED_ROOT, github().as_bytes())]);
    init(&other, &home).unwrap();
    assert_eq!(trusted(&home, "corp").unwrap(), github());
    assert_eq!(
        sealwright_files::directory_names(&folder).unwrap(),
        ["corp"]
    );
}

#[test]
fn a_root_must_be_vouched_for() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    let at = |init: &RootInit| {
        let run = with_home(&home.path().join("home"), NOW, |context| {
            root_init(context, init)
        });
        code(run)
    };
    let good = init_of(&server, &home);
    let digest = |text: &[u8]| Some(Digest::of(DigestAlgorithm::Sha512, text));
    let location = format!("{}/1.root.json", server.url);
    let root = |location: &str, digest| {
        Some(InitialRoot {
            location: location.to_owned(),
            digest,
        })
    };
    let sha512 = digest(&server.file("1.root.json"));
    let file = good.root.clone().unwrap().location;
    for (root, wanted) in [
        (None, "usage.initial-root"),
        (root(&location, None), "usage.initial-root"),
        (root(&location, digest(b"another")), "tuf.hash-mismatch"),
        (root(&file, digest(b"another")), "tuf.hash-mismatch"),
        (
            root(&format!("{}/none.json", server.url), sha512),
            "tuf.refused",
        ),
        (root("none.json", None), "files.not-found"),
        (root(&location, sha512), ""),
        (root(&file, sha512), ""),
    ] {
        let init = RootInit {
            root,
            ..good.clone()
        };
        assert_eq!(at(&init), wanted, "{:?}", init.root);
    }
    // Another root would make it another instance.
    let fixed = RootInit { name: None, ..good };
    assert_eq!(at(&fixed), "usage.initial-root");
}

/// Every byte of what is kept matters, or nothing comes of it.
#[test]
fn what_was_changed_on_the_disk_is_noticed() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    let path = place(&home).join("kept.json");
    let good = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for at in (0..good.len()).step_by(good.len() / 400) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&path, &bad).unwrap();
        match trusted(&home, "corp") {
            Ok(root) => assert_eq!(root, public(), "byte {at}"),
            Err(failure) => {
                assert_eq!(failure.code().as_str(), "trust.kept-unusable");
                assert_eq!(failure.class(), Class::Undecided);
                refused += 1;
            }
        }
    }
    assert!(refused > 300, "{refused}");
    for at in [0, 1, good.len() / 2, good.len() - 1] {
        std::fs::write(&path, &good[..at]).unwrap();
        assert_eq!(code(trusted(&home, "corp")), "trust.kept-unusable");
    }
    // The next update makes it good.
    assert!(update_at(&home, NOW).unwrap().changed);
    assert_eq!(trusted(&home, "corp").unwrap(), public());
}

/// What another repository says, kept as if the public instance's had said it.
#[test]
fn a_planted_directory_does_not_speak_for_the_public_instance() {
    let server = Server::serving(&[(TRUSTED_ROOT, github().as_bytes())]);
    let home = tempfile::tempdir().unwrap();
    init(&server, &home).unwrap();
    let planted = home.path().join("home/tuf/public");
    std::fs::rename(place(&home), &planted).unwrap();
    assert_eq!(code(trusted(&home, "public")), "trust.kept-unusable");
    let own = home.path().join("home");
    assert!(verifying(&own, Profile::Public, NOW).is_err());
    // What is older than what came with the program is not looked at.
    let kept = std::fs::read_to_string(planted.join("kept.json")).unwrap();
    let updated = format!("\"updated\":\"{NOW}\"");
    assert!(kept.contains(&updated));
    let older = kept.replace(&updated, "\"updated\":\"2026-11-01T00:00:00Z\"");
    std::fs::write(planted.join("kept.json"), older).unwrap();
    assert_eq!(trusted(&home, "public").unwrap(), public());
    // Another root of the repository does not help either.
    assert_eq!(
        code(with_home(&own, NOW, |context| root_update(
            context,
            Profile::Public
        ))),
        "tuf.bad-signature-threshold"
    );
    assert_eq!(trusted(&home, "public").unwrap(), public());
}

#[derive(Default)]
struct Heard(ByteCount, Mutex<Vec<String>>);

impl Progress for Heard {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn count(&self) -> &ByteCount {
        &self.0
    }
    fn finish(&self) {}
    fn warn(&self, message: &str) {
        self.1.lock().unwrap().push(message.to_owned());
    }
}

#[test]
fn what_has_expired_is_used_and_said_once() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    let own = home.path().join("home");
    let (_, warning) = verifying(&own, named("corp"), NOW).unwrap();
    assert_eq!(warning, None);
    let late = NOW.plus_seconds(8 * 24 * 60 * 60);
    let (root, warning) = verifying(&own, named("corp"), late).unwrap();
    assert!(!root.is_empty());
    assert!(warning.unwrap().contains("root update --profile corp"));
    let heard = Heard::default();
    with_home(&own, late, |context| {
        let context = crate::Context {
            profile: Some(named("corp")),
            progress: &heard,
            ..rest(context)
        };
        let file = home.path().join("file");
        std::fs::write(&file, "content").unwrap();
        let bundle = home.path().join("bundle");
        let Some(corpus) = sealwright_testkit::corpus("sigstore-conformance") else {
            return;
        };
        let asset = corpus.join("test/assets/bundle-verify/happy-path-v0.3/bundle.sigstore.json");
        std::fs::copy(asset, &bundle).unwrap();
        let options = crate::VerifyOptions {
            signer: Some(crate::Signer::exactly("somebody", "somewhere")),
            bundle: Some(bundle),
            ..crate::VerifyOptions::default()
        };
        let target = |path: &Path| sealwright_core::Target::parse(path.to_str().unwrap(), |_| true);
        let targets = [target(&file).unwrap(), target(&file).unwrap()];
        crate::verify(&context, &targets, &options);
        assert_eq!(heard.1.lock().unwrap().len(), 1);
    });
    // What is to be updated must not have expired.
    assert_eq!(code(update_at(&home, late)), "tuf.expired");
}

fn rest<'a>(context: &crate::Context<'a>) -> crate::Context<'a> {
    crate::Context {
        home: context.home.clone(),
        user: context.user.clone(),
        docker_config: None,
        ci: context.ci.clone(),
        temporary: context.temporary.clone(),
        ..*context
    }
}

#[test]
fn many_at_once_leave_one_whole_state() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    init(&server, &home).unwrap();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    update_at(&home, NOW).unwrap();
                    assert_eq!(trusted(&home, "corp").unwrap(), public());
                })
            })
            .collect();
        for run in runs {
            run.join().unwrap();
        }
    });
}

/// A copy of the repository on the disk is as good as the repository.
#[test]
fn a_repository_may_lie_on_the_disk() {
    let (server, home) = (corp(), tempfile::tempdir().unwrap());
    let copy = home.path().join("a copy");
    for (path, bytes) in server.files.lock().unwrap().iter() {
        let path = copy.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let url = sealwright_net::Url::from_directory_path(&copy).unwrap();
    let given = RootInit {
        mirror: url.to_string(),
        ..init_of(&server, &home)
    };
    let own = home.path().join("home");
    with_home(&own, NOW, |context| root_init(context, &given)).unwrap();
    assert_eq!(trusted(&home, "corp").unwrap(), public());
    let elsewhere = RootInit {
        mirror: "file://elsewhere/tuf".to_owned(),
        ..given
    };
    let refused = with_home(&own, NOW, |context| root_init(context, &elsewhere));
    assert_eq!(code(refused), "usage.invalid-url");
}

/// The public instance's own roots, of whose repository the rest is not at hand.
#[test]
fn the_roots_of_the_public_instance_lead_on() {
    let Some(corpus) = sealwright_testkit::corpus("tuf-root-signing") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mirror = home.path().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    for entry in std::fs::read_dir(corpus.join("metadata/root_history")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, mirror.join(path.file_name().unwrap())).unwrap();
    }
    std::fs::copy(
        corpus.join("metadata/timestamp.json"),
        mirror.join("timestamp.json"),
    )
    .unwrap();
    let newest = std::fs::read(corpus.join("metadata/root.json")).unwrap();
    let newest = sealwright_tuf::inspect(&newest).unwrap();
    let timestamp = std::fs::read(mirror.join("timestamp.json")).unwrap();
    let expires = sealwright_tuf::inspect(&timestamp).unwrap().expires;
    let given = RootInit {
        mirror: format!("file://{}", mirror.display()),
        name: None,
        root: None,
    };
    let own = home.path().join("home");
    let at = |now| code(with_home(&own, now, |context| root_init(context, &given)));
    // Everything up to the snapshot, of which there is none here.
    assert_eq!(at(expires.plus_seconds(-60)), "tuf.missing-metadata");
    let roots = own.join("tuf/public/metadata/roots");
    let kept = roots.join(format!("{}.root.json", newest.version));
    let (shipped, _) = embedded::tuf_repository(Profile::Public).unwrap();
    let shipped = sealwright_tuf::inspect(shipped.as_bytes()).unwrap().version;
    assert_eq!(kept.exists(), newest.version > shipped);
    assert_eq!(at(expires.plus_seconds(60)), "tuf.expired");
    assert_eq!(trusted(&home, "public").unwrap(), public());
}
