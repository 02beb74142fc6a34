use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sealwright_core::Class;
use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::IdentityKind;
use sealwright_crypto::Eku;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::TimestampToken;
use sealwright_crypto::build_chain;
use sealwright_crypto::timestamp::Certificates;
use sealwright_sigstore::TrustRoot;
use sealwright_testkit::FakeClock;
use tempfile::TempDir;

use super::*;

const USER: InstanceConfig<'static> = InstanceConfig {
    user: "alice",
    identity: None,
};
const YEAR: i64 = 365 * 86_400;

fn start() -> Timestamp {
    Timestamp::from_milliseconds(1_795_348_800_750)
}

struct Place {
    temporary: TempDir,
    clock: FakeClock,
}

impl Place {
    fn new() -> Self {
        Self {
            temporary: tempfile::tempdir().unwrap(),
            clock: FakeClock::at(start()),
        }
    }

    fn directory(&self) -> PathBuf {
        self.temporary.path().join("home/authority")
    }

    fn open(&self) -> Authority {
        Authority::open(&self.directory(), &self.clock, USER).unwrap()
    }

    fn refused(&self) -> Error {
        Authority::open(&self.directory(), &self.clock, USER).unwrap_err()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn issue(&self, authority: &Authority) -> Result<Vec<Certificate>, Error> {
        let key = p256();
        let proof = key
            .sign(authority.instance().identity().value().as_bytes())
            .unwrap();
        authority.issue(key.public_key(), &proof, self.now())
    }

    fn key_file(&self, role: &str) -> PathBuf {
        self.directory().join(format!("keys/{role}.pem"))
    }
}

fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

fn request() -> TimestampRequest {
    TimestampRequest::new(Digest::sha256(b"signature")).unwrap()
}

/// Whether a trust root vouches for a leaf at a time, and its log promise holds.
fn vouches(root: &TrustRoot, leaf: &Certificate, at: Timestamp) -> bool {
    root.certificate_authorities.iter().any(|authority| {
        let Ok(chain) = build_chain(leaf, &[], &authority.chain, at, Eku::CodeSigning) else {
            return false;
        };
        let scts = leaf.scts().unwrap();
        let [log] = &root.ct_logs[..] else {
            return false;
        };
        scts.len() == 1
            && scts[0].log_id == log.log_id.0
            && log.valid_for.contains(scts[0].timestamp)
            && authority.valid_for.contains(at)
            && scts[0]
                .verify(leaf, chain.issuer().unwrap(), log.key.public_key().unwrap())
                .is_ok()
    })
}

#[test]
fn certifies_somebody_whom_its_caller_knows() {
    let place = Place::new();
    let authority = place.open();
    let key = p256();
    let identity = crate::instance::parse_identity("https://ci.example/job").unwrap();
    let subject = Subject {
        identity: &identity,
        issuer: "https://issuer.example",
        challenge: "job 9",
        extensions: &[(2, "push"), (9, "build"), (24, "job 9")],
    };
    let proof = |signature| KeyProof::Challenge {
        public_key: key.public_key(),
        signature,
    };
    let good = key.sign(b"job 9").unwrap();
    let chain = authority.issue_to(&subject, &proof(&good), place.now());
    let leaf = &chain.unwrap()[0];
    assert_eq!(leaf.identity().as_ref(), Some(&identity));
    assert_eq!(
        leaf.issuer_claim().as_deref(),
        Some("https://issuer.example")
    );
    for (number, value) in subject.extensions {
        assert_eq!(leaf.fulcio_extension(*number).as_deref(), Some(*value));
    }
    // The older ones hold bare text, the others a UTF8String.
    let holds = |bytes: &[u8]| {
        leaf.der()
            .windows(bytes.len())
            .any(|window| window == bytes)
    };
    assert!(holds(b"\x04\x04push") && holds(b"\x04\x07\x0c\x05build"));
    // Not over the identity, which is another text here.
    let wrong = key.sign(identity.value().as_bytes()).unwrap();
    let error = authority.issue_to(&subject, &proof(&wrong), place.now());
    assert_eq!(
        error.unwrap_err().code().as_str(),
        "authority.proof-invalid"
    );
}

#[test]
fn says_whether_it_has_issued() {
    let place = Place::new();
    let authority = place.open();
    assert!(!authority.has_issued().unwrap());
    place.issue(&authority).unwrap();
    assert!(authority.has_issued().unwrap());
    // Begun by a process that died before it wrote anything.
    let record = place.directory().join("issued.pem");
    fs::write(&record, "").unwrap();
    assert!(!authority.has_issued().unwrap());
    fs::remove_file(&record).unwrap();
    assert!(!authority.has_issued().unwrap());
}

#[test]
fn what_it_issues_verifies_against_the_root_it_gives() {
    let place = Place::new();
    let authority = place.open();
    let chain = place.issue(&authority).unwrap();
    let [leaf, intermediate] = &chain[..] else {
        panic!("leaf and intermediate");
    };
    assert_eq!(
        intermediate,
        &authority.certificate_authorities()[0].intermediate
    );
    let instance = authority.instance();
    assert_eq!(leaf.identity().as_ref(), Some(instance.identity()));
    assert_eq!(instance.identity().kind(), IdentityKind::Email);
    assert_eq!(leaf.issuer_claim(), Some(instance.issuer()));
    assert_eq!(
        leaf.fulcio_extension(24).as_deref(),
        Some(instance.identity().value())
    );
    assert_eq!(leaf.not_before(), place.now().truncated_to_second());
    assert_eq!(leaf.not_after(), leaf.not_before().plus_seconds(600));

    // Another machine reads the root from JSON.
    let root = TrustRoot::parse(&authority.trust_root([]).to_json()).unwrap();
    assert!(vouches(&root, leaf, place.now().truncated_to_second()));
    assert!(vouches(&root, leaf, leaf.not_after()));
    assert!(!vouches(&root, leaf, leaf.not_after().plus_seconds(1)));

    let token = authority.timestamp(&request(), place.now()).unwrap();
    let token = TimestampToken::from_response_der(&token).unwrap();
    let tsa = &root.timestamp_authorities[0];
    let time = token.verify(b"signature", &tsa.chain).unwrap();
    assert_eq!(time, place.now().truncated_to_second());
    assert!(tsa.valid_for.contains(time));
}

#[test]
fn timestamps_differ_and_carry_the_certificate_when_asked() {
    let place = Place::new();
    let authority = place.open();
    let request = request().with_certificates(Certificates::Embed);
    let tokens: Vec<_> = (0..2)
        .map(|_| {
            let der = authority.timestamp(&request, place.now()).unwrap();
            TimestampToken::from_response_der(&der).unwrap()
        })
        .collect();
    assert_ne!(tokens[0].serial(), tokens[1].serial());
    assert_eq!(
        tokens[0].certificates(),
        [authority.timestamp_authorities()[0].leaf.clone()]
    );
}

#[test]
fn another_authority_vouches_for_nothing_of_this_one() {
    let (place, other) = (Place::new(), Place::new());
    let leaf = place.issue(&place.open()).unwrap().remove(0);
    let root = other.open().trust_root([]);
    assert!(!vouches(&root, &leaf, place.now()));
    assert_ne!(place.open().instance().id(), other.open().instance().id());
}

#[test]
fn the_same_authority_is_found_again() {
    let place = Place::new();
    assert!(Authority::existing(&place.directory()).unwrap().is_none());
    assert!(!place.directory().exists());
    let made = place.open();
    let leaf = place.issue(&made).unwrap().remove(0);
    place.clock.advance_seconds(3600);
    for again in [
        place.open(),
        Authority::existing(&place.directory()).unwrap().unwrap(),
    ] {
        assert_eq!(again.instance(), made.instance());
        assert_eq!(
            again.trust_root([]).to_json(),
            made.trust_root([]).to_json()
        );
        assert!(vouches(&again.trust_root([]), &leaf, start()));
        assert!(place.issue(&again).is_ok());
    }
}

#[test]
fn everything_is_for_the_owner_alone() {
    let place = Place::new();
    place.issue(&place.open()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let mut names = Vec::new();
    for directory in [place.directory(), place.directory().join("keys")] {
        assert_eq!(mode(&directory), 0o700);
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            if path.is_file() {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
            }
        }
    }
    names.sort();
    // In particular no key of a timestamp root.
    assert_eq!(
        names,
        [
            "ca-intermediate-1.pem",
            "ca-root-1.pem",
            "ct-log.pem",
            "instance.json",
            "issued.pem",
            "keys",
            "lock",
            "tsa-1.pem",
        ]
    );
}

#[test]
fn each_role_has_its_own_key() {
    let authority = Place::new().open();
    let ca = &authority.certificate_authorities()[0];
    let tsa = &authority.timestamp_authorities()[0];
    let mut keys: Vec<_> = [&ca.root, &ca.intermediate, &tsa.root, &tsa.leaf]
        .map(|certificate| certificate.public_key().key_id())
        .to_vec();
    keys.push(authority.ct_log_key().key_id());
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 5);
}

#[test]
fn many_at_once_make_one() {
    let place = Place::new();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| place.open().instance().id().to_owned()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(place.open().certificate_authorities().len(), 1);
}

#[test]
fn a_making_that_was_cut_short_is_taken_up_again() {
    let place = Place::new();
    let made = place.open();
    let ct_log_key = made.ct_log_key().clone();
    fs::remove_file(place.directory().join(INSTANCE)).unwrap();
    fs::remove_file(place.key_file("tsa-1")).unwrap();
    let again = place.open();
    assert_eq!(again.ct_log_key(), &ct_log_key);
    assert!(place.issue(&again).is_ok());
    assert!(again.timestamp(&request(), place.now()).is_ok());
}

#[test]
fn an_authority_that_has_issued_is_not_made_anew() {
    let place = Place::new();
    place.issue(&place.open()).unwrap();
    fs::remove_file(place.directory().join(INSTANCE)).unwrap();
    let error = place.refused();
    assert_eq!(error.code().as_str(), "authority.instance-missing");
    assert_eq!(error.class(), Class::Undecided);
}

#[test]
fn an_intermediate_is_renewed_and_the_old_one_remains_trusted() {
    let place = Place::new();
    let first = place.open();
    let old_leaf = place.issue(&first).unwrap().remove(0);
    place.clock.advance_seconds(2 * YEAR - 1);
    assert_eq!(place.open().certificate_authorities().len(), 1);
    place.clock.advance_seconds(86_400);
    // Whoever only reads sees what is there; whoever opens renews.
    let read = Authority::existing(&place.directory()).unwrap().unwrap();
    assert_eq!(read.certificate_authorities().len(), 1);
    let renewed = place.open();
    let [one, two] = renewed.certificate_authorities() else {
        panic!("two intermediates");
    };
    assert_eq!((one.number, one.root_number), (1, 1));
    assert_eq!((two.number, two.root_number), (2, 1));
    assert_eq!(one.root, two.root);
    assert_ne!(one.intermediate.public_key(), two.intermediate.public_key());
    assert_eq!(renewed.timestamp_authorities().len(), 1);
    assert_eq!(renewed.instance(), first.instance());

    let chain = place.issue(&renewed).unwrap();
    assert_eq!(chain[1], two.intermediate);
    let root = renewed.trust_root([]);
    assert!(vouches(&root, &chain[0], place.now()));
    assert!(vouches(&root, &old_leaf, start()));
    assert!(!vouches(&first.trust_root([]), &chain[0], place.now()));
}

#[test]
fn roots_and_timestamp_authorities_are_renewed_too() {
    let place = Place::new();
    let first = place.open();
    let old = first.timestamp(&request(), place.now()).unwrap();
    place.clock.advance_seconds(7 * YEAR);
    let renewed = place.open();
    let ca = renewed.certificate_authorities().last().unwrap();
    assert_eq!((ca.number, ca.root_number), (2, 2));
    assert_ne!(ca.root, first.certificate_authorities()[0].root);
    let [one, two] = renewed.timestamp_authorities() else {
        panic!("two timestamp authorities");
    };
    let old = TimestampToken::from_response_der(&old).unwrap();
    assert!(
        old.verify(b"signature", &[one.leaf.clone(), one.root.clone()])
            .is_ok()
    );
    let new = renewed.timestamp(&request(), place.now()).unwrap();
    let new = TimestampToken::from_response_der(&new).unwrap();
    assert!(
        new.verify(b"signature", &[two.leaf.clone(), two.root.clone()])
            .is_ok()
    );
    let chain = place.issue(&renewed).unwrap();
    assert!(vouches(&renewed.trust_root([]), &chain[0], place.now()));
}

#[test]
fn certificates_of_an_authority_that_was_not_renewed_run_out() {
    let place = Place::new();
    let authority = place.open();
    place.clock.advance_seconds(3 * YEAR - 599);
    let error = place.issue(&authority).unwrap_err();
    assert_eq!(error.code().as_str(), "authority.expired");
    assert!(authority.timestamp(&request(), place.now()).is_ok());
    place.clock.advance_seconds(7 * YEAR + 600);
    let error = authority.timestamp(&request(), place.now()).unwrap_err();
    assert_eq!(error.code().as_str(), "authority.expired");
}

#[test]
fn a_clock_before_the_making_is_not_believed() {
    let place = Place::new();
    let authority = place.open();
    place.clock.advance_seconds(-1);
    for error in [
        place.refused(),
        place.issue(&authority).unwrap_err(),
        authority.timestamp(&request(), place.now()).unwrap_err(),
    ] {
        assert_eq!(error.code().as_str(), "authority.clock-behind");
    }
    // Times are rounded down, so the second in which it was made serves.
    assert!(
        authority
            .timestamp(&request(), start().truncated_to_second())
            .is_ok()
    );
}

#[test]
fn certifies_no_key_without_proof_that_it_is_held() {
    let place = Place::new();
    let authority = place.open();
    let key = p256();
    let identity = authority.instance().identity().value().as_bytes();
    let good = key.sign(identity).unwrap();
    assert!(authority.issue(key.public_key(), &good, start()).is_ok());
    let mut flipped = good.clone();
    flipped[10] ^= 1;
    for (public_key, proof) in [
        (key.public_key(), flipped),
        (key.public_key(), key.sign(b"somebody else").unwrap()),
        (p256().public_key(), good),
        (key.public_key(), Vec::new()),
    ] {
        let error = authority.issue(public_key, &proof, start()).unwrap_err();
        assert_eq!(error.code().as_str(), "authority.proof-invalid");
        assert_eq!(error.class(), Class::Auth);
    }
    let issued = fs::read_to_string(place.directory().join(ISSUED)).unwrap();
    assert_eq!(issued.matches("BEGIN CERTIFICATE").count(), 1);
}

#[test]
fn certifies_no_rsa_key() {
    let place = Place::new();
    let rsa = include_str!("../../../../foundation/crypto/src/key/tests/rsa.pem");
    let rsa = PublicKey::from_pem(rsa).unwrap();
    let error = place.open().issue(&rsa, &[], start()).unwrap_err();
    assert_eq!(error.code().as_str(), "authority.key-refused");
}

#[test]
fn every_certificate_issued_is_on_record() {
    let place = Place::new();
    let authority = place.open();
    let one = place.issue(&authority).unwrap().remove(0);
    // A crash cut the last block short.
    let path = place.directory().join(ISSUED);
    let torn = fs::read(&path).unwrap();
    fs::write(&path, [&torn[..], &torn[..200]].concat()).unwrap();
    let two = place.issue(&authority).unwrap().remove(0);
    let text = fs::read_to_string(&path).unwrap();
    let read: Vec<Certificate> = text
        .split_inclusive("-----END CERTIFICATE-----\n")
        .filter_map(|block| {
            let start = block.rfind("-----BEGIN CERTIFICATE-----")?;
            Certificate::from_pem(&block[start..]).ok()
        })
        .collect();
    assert_eq!(read, [one, two]);
}

#[test]
fn keys_that_are_not_what_they_should_be_are_named() {
    type Use = fn(&Place, &Authority) -> Error;
    let issue: Use = |place, authority| place.issue(authority).unwrap_err();
    let timestamp: Use =
        |place, authority| authority.timestamp(&request(), place.now()).unwrap_err();
    for (role, using) in [
        ("ca-intermediate-1", issue),
        ("ct-log", issue),
        ("tsa-1", timestamp),
    ] {
        let place = Place::new();
        place.open();
        let file = place.key_file(role);
        let good = fs::read(&file).unwrap();
        let code = |content: Option<&[u8]>| {
            match content {
                None => fs::remove_file(&file).unwrap(),
                Some(content) => fs::write(&file, content).unwrap(),
            }
            let error = using(&place, &place.open());
            assert!(error.to_string().contains(role), "{error}");
            assert_eq!(error.class(), Class::Undecided);
            error.code().as_str()
        };
        assert_eq!(code(Some(b"")), "authority.key-unreadable");
        assert_eq!(code(Some(&good[..50])), "authority.key-unreadable");
        let other = p256().to_pkcs8_pem().unwrap();
        assert_eq!(code(Some(other.as_bytes())), "authority.key-mismatch");
        assert_eq!(code(None), "authority.key-missing");
    }
}

#[test]
fn a_damaged_root_key_is_noticed_when_it_is_needed() {
    let place = Place::new();
    place.open();
    fs::write(place.key_file("ca-root-1"), "damaged").unwrap();
    assert!(place.issue(&place.open()).is_ok());
    place.clock.advance_seconds(2 * YEAR + 86_400);
    let error = place.refused();
    assert_eq!(error.code().as_str(), "authority.key-unreadable");
    let read = Authority::existing(&place.directory()).unwrap().unwrap();
    assert_eq!(read.certificate_authorities().len(), 1);
}

#[test]
fn a_damaged_description_is_refused() {
    let place = Place::new();
    place.open();
    let path = place.directory().join(INSTANCE);
    let good = fs::read_to_string(&path).unwrap();
    let mut damaged: Vec<String> = (0..good.len() - 1)
        .step_by(7)
        .map(|length| good[..length].to_owned())
        .collect();
    for (from, to) in [
        ("instance/v1", "instance/v2"),
        ("\"alice@", "\"al ice@"),
        ("https://", "https://x"),
        ("\"number\": 1", "\"number\": -1"),
        ("\"leaf\": \"MII", "\"leaf\": \"NII"),
        ("\"created\"", "\"id\""),
        ("\"created\"", "\"surplus\""),
    ] {
        assert!(good.contains(from), "{from}");
        damaged.push(good.replacen(from, to, 1));
    }
    for text in damaged {
        fs::write(&path, &text).unwrap();
        for error in [
            place.refused(),
            Authority::existing(&place.directory()).unwrap_err(),
        ] {
            assert_eq!(
                error.code().as_str(),
                "authority.instance-malformed",
                "{text}"
            );
        }
    }
    fs::write(&path, good).unwrap();
    assert!(place.issue(&place.open()).is_ok());
}

#[test]
fn the_identity_is_fixed_when_the_authority_is_made() {
    let place = Place::new();
    let with = |identity| {
        let config = InstanceConfig {
            user: "bob",
            identity,
        };
        Authority::open(&place.directory(), &place.clock, config)
    };
    let error = with(Some("not an identity")).unwrap_err();
    assert_eq!(error.code().as_str(), "authority.identity-invalid");
    assert!(!place.directory().exists(), "nothing was made");

    let uri = "https://ci.example/org/repo";
    let made = with(Some(uri)).unwrap();
    assert_eq!(made.instance().identity().kind(), IdentityKind::Uri);
    assert_eq!(made.instance().identity().value(), uri);
    assert_eq!(with(Some(uri)).unwrap().instance(), made.instance());
    // Another user of the same directory signs as the same identity.
    assert_eq!(with(None).unwrap().instance(), made.instance());
    let leaf = place.issue(&made).unwrap().remove(0);
    assert_eq!(leaf.identity().unwrap().value(), uri);
    let error = with(Some("bob@example.org")).unwrap_err();
    assert_eq!(error.code().as_str(), "authority.identity-fixed");
    assert_eq!(error.class(), Class::Usage);
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let place = Place::new();
    fs::write(place.temporary.path().join("home"), "in the way").unwrap();
    let error = place.refused();
    assert_eq!(error.class(), Class::Undecided);
    assert!(error.code().as_str().starts_with("files."), "{error}");
}
