//! The targets: each gives arbitrary bytes to one parser and checks what must hold of the result.

mod archive;
mod certificate;
mod checkpoint;
mod export;
mod key;
mod key_file;
mod log;
mod name;
mod packages;
mod policy;
mod registry;
mod sigstore;
mod statement;
mod tampered_bundle;
mod timestamp;
mod tuf;

/// A parser to be fuzzed.
pub(crate) struct Target {
    /// Names it, and the directory of its seeds.
    pub(crate) name: &'static str,
    /// Panics when something is wrong.
    pub(crate) run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    target("apk", packages::apk),
    target("archive", archive::archive),
    target("bundle", sigstore::bundle),
    target("bundle_lines", sigstore::bundle_lines),
    target("cargo_lock", packages::cargo_lock),
    target("certificate", certificate::certificate),
    target("certificate_request", key_file::certificate_request),
    target("checkpoint", checkpoint::checkpoint),
    target("cosign_key_file", key_file::cosign_key_file),
    target("dpkg", packages::dpkg),
    target("edge_tiles", checkpoint::edge_tiles),
    target("export", export::export),
    target("go_binary", packages::go_binary),
    target("key", key::key),
    target("key_file", key_file::key_file),
    target("layer", archive::layer),
    target("layout", registry::layout),
    target("log_entry_body", sigstore::log_entry_body),
    target("log_file", log::log_file),
    target("log_records", log::log_records),
    target("os_release", packages::os_release),
    target("package_lock", packages::package_lock),
    target("package_url", packages::package_url),
    target("policy_cue", policy::cue),
    target("policy_rego", policy::rego),
    target("python", packages::python),
    target("reference", name::reference),
    target("registry", registry::registry),
    target("sbom_document", packages::sbom_document),
    target("sct", certificate::sct),
    target("signing_config", sigstore::signing_config),
    target("statement", statement::statement),
    target("tampered_bundle", tampered_bundle::tampered_bundle),
    target("target", name::target),
    target("timestamp", timestamp::response),
    target("timestamp_request", timestamp::request),
    target("trusted_root", sigstore::trusted_root),
    target("tuf_metadata", tuf::metadata),
    target("tuf_update", tuf::update),
];
